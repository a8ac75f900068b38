"""What may become of a payment: every state and every report is decided, and money is the truth."""

from datetime import UTC, datetime
from itertools import product

import pytest

from billing_service.kit.transitions import ImpossibleMove
from billing_service.payments import states
from billing_service.payments.models import Payment
from billing_service.payments.states import ALARMED, FINAL, MOVES, Report, Status

NOW = datetime(2026, 11, 21, tzinfo=UTC)
IMPOSSIBLE = {
    (Status.WAITING_FOR_CAPTURE, Report.REFUSED),
    (Status.SUCCEEDED, Report.CANCELED),
    (Status.SUCCEEDED, Report.REFUSED),
    (Status.CANCELED, Report.REFUSED),
}
PAIRS = list(product(Status, Report))


def drawn() -> dict[tuple[Status, Report], str]:
    """The table in the module's docstring."""
    rows = [line.split() for line in (states.__doc__ or "").splitlines()]
    head = next(row for row in rows if row[:1] == ["state"])
    body = [row for row in rows if row and row[0] in set(Status)]
    return {
        (Status(row[0]), Report(report)): cell
        for row in body
        for report, cell in zip(head[1:], row[1:], strict=True)
    }


@pytest.mark.parametrize(("state", "report"), PAIRS)
def test_every_pair_is_drawn_as_it_is_decided(state: Status, report: Report) -> None:
    cell = drawn()[state, report]
    after = MOVES.get((state, report))

    assert (cell == "-") is (after is None)
    assert cell.rstrip("!") in {"-", "stays" if after is state else after}
    assert cell.endswith("!") is ((state, report) in ALARMED)


@pytest.mark.parametrize(("state", "report"), PAIRS)
def test_every_pair_is_either_a_move_or_impossible(state: Status, report: Report) -> None:
    payment = Payment(status=state)

    if (state, report) in IMPOSSIBLE:
        with pytest.raises(ImpossibleMove):
            payment.move(report)
        assert payment.state is state
    else:
        assert payment.move(report) is (payment.state is not state)
        assert payment.state is MOVES[state, report]


@pytest.mark.parametrize("state", Status)
def test_a_success_is_honoured_from_every_state(state: Status) -> None:
    payment = Payment(status=state)

    payment.move(Report.SUCCEEDED)

    assert payment.state is Status.SUCCEEDED


@pytest.mark.parametrize("report", sorted(set(Report) - {Report.CANCELED, Report.REFUSED}))
def test_nothing_that_can_be_true_takes_a_success_back(report: Report) -> None:
    payment = Payment(status=Status.SUCCEEDED)

    assert payment.move(report) is False


@pytest.mark.parametrize(("state", "report"), PAIRS)
def test_leaving_a_final_state_for_money_is_always_alarmed(state: Status, report: Report) -> None:
    after = MOVES.get((state, report), state)
    came_back = state in FINAL and after in set(Status) - {Status.CANCELED, Status.FAILED, state}

    assert came_back is ((state, report) in ALARMED)


def test_what_was_sent_is_forgotten_once_the_payment_is_known() -> None:
    payment = Payment(status=Status.PENDING, request_body=b"sealed")

    payment.move(Report.PENDING)
    kept = payment.request_body
    payment.move(Report.CANCELED)

    assert kept == b"sealed"
    assert payment.request_body is None
