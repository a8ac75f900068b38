"""The guard around an analysis: with the service, and without it."""

import asyncio
import logging
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from billing_service.kit.db import Database
from eatfit24_billing import Allow, Billing, Guards, Journal, NotReached, Refused, Unavailable, allow, deny
from eatfit24_billing.generated.api import plans, usage
from eatfit24_billing.generated.codes import (
    AmountAboveLimit,
    DailyLimitReached,
    FeatureUnknown,
    OperationExpired,
)
from eatfit24_billing.generated.models import PlanChangeIn, PlanChangeInDailyLimits, UsageOfDayOut
from tests.clients.conftest import Days
from tests.clients.line import Line, answer_lost, says
from tests.ledger import rows
from tests.stage import USER, Clock


class AnalysisFailed(Exception):
    pass


@pytest.fixture
def journal(tmp_path: Path, days: Days) -> Iterator[Journal]:
    """What the guards write, read beside them."""
    journal = Journal(tmp_path / "journal", now=days)
    yield journal
    journal.close()


async def figures(billing: Billing) -> UsageOfDayOut:
    return await usage.get_usage(billing, USER)


async def use(guards: Guards, photo: str | None = None, when_unavailable: Allow = deny) -> bool:
    """Whether the service was asked."""
    async with guards.guard(USER, operation_id=photo, when_unavailable=when_unavailable) as decided:
        pass
    return not decided.decided_without_the_service


async def test_a_success_counts_once(guards: Guards, billing: Billing) -> None:
    async with guards.guard(USER, "photo_ai") as decided:
        assert decided.figures
        assert decided.figures.held == 1

    after = await figures(billing)
    assert (after.used_today, after.held) == (1, 0)


async def test_an_exception_inside_gives_the_place_back(guards: Guards, billing: Billing) -> None:
    with pytest.raises(AnalysisFailed):
        async with guards.guard(USER):
            raise AnalysisFailed

    after = await figures(billing)
    assert (after.used_today, after.held) == (0, 0)


async def test_a_cancellation_inside_gives_the_place_back(guards: Guards, billing: Billing) -> None:
    inside = asyncio.Event()

    async def analyse() -> None:
        async with guards.guard(USER):
            inside.set()
            await asyncio.sleep(60)

    analysis = asyncio.create_task(analyse())
    await inside.wait()
    analysis.cancel()
    with pytest.raises(asyncio.CancelledError):
        await analysis

    assert (await figures(billing)).held == 0


async def test_the_place_of_a_process_that_died_frees_itself(
    guards: Guards, billing: Billing, clock: Clock
) -> None:
    await guards.guard(USER, ttl_seconds=60).__aenter__()  # nobody ever leaves it
    assert (await figures(billing)).held == 1

    await clock.advance(seconds=61)

    after = await figures(billing)
    assert (after.used_today, after.held, after.remaining_today) == (0, 0, 3)


async def test_what_was_needed_in_the_end_counts(guards: Guards, billing: Billing, line: Line) -> None:
    async with guards.guard(USER, amount=3) as used:
        used.amount = 1
    assert ((await figures(billing)).used_today, (await figures(billing)).held) == (1, 0)

    async with guards.guard(USER, amount=2) as used:
        used.amount = 1
        line.cut = True
    line.cut = False
    await guards.report()

    after = await figures(billing)
    assert (after.used_today, after.held) == (2, 0)


async def test_more_than_there_is_counts_nothing_and_holds_nothing(guards: Guards, billing: Billing) -> None:
    with pytest.raises(AmountAboveLimit):
        async with guards.guard(USER) as used:
            used.amount = 4

    after = await figures(billing)
    assert (after.used_today, after.held) == (0, 0)


async def test_what_takes_longer_keeps_its_place(guards: Guards, billing: Billing, clock: Clock) -> None:
    async with guards.guard(USER, ttl_seconds=60) as used:
        await clock.advance(seconds=50)
        await used.extend(60)
        await clock.advance(seconds=50)
        assert (await figures(billing)).held == 1

    assert (await figures(billing)).used_today == 1


async def test_another_feature_has_its_own_limit(guards: Guards, billing: Billing, line: Line) -> None:
    with pytest.raises(FeatureUnknown):
        async with guards.guard(USER, "dreams", when_unavailable=allow(2)):
            pass
    limits = PlanChangeInDailyLimits.from_dict({"meal_plans": 1})
    change = PlanChangeIn("desk 2", "so it was agreed", daily_limits=limits)
    await plans.change_plan(billing, "FREE", body=change)
    async with guards.guard(USER, "meal_plans"):
        pass
    with pytest.raises(DailyLimitReached):
        async with guards.guard(USER, "meal_plans"):
            pass
    line.cut = True
    async with guards.guard(USER, "photo_ai", when_unavailable=allow(1)):
        pass
    line.cut = False
    await guards.report()

    assert (await figures(billing)).used_today == 1
    assert (await usage.get_usage(billing, USER, feature="meal_plans")).used_today == 1


async def test_the_limit_is_a_refusal_and_is_not_remembered(
    guards: Guards, billing: Billing, clock: Clock
) -> None:
    for _ in range(3):
        await use(guards)
    with pytest.raises(DailyLimitReached) as refused:
        await use(guards, when_unavailable=allow(2))
    assert refused.value.details["daily_limit"] == 3

    await clock.advance(days=1)

    assert await use(guards)
    assert (await figures(billing)).used_today == 1


async def test_what_took_too_long_and_lost_its_place_is_said(guards: Guards, clock: Clock) -> None:
    slow = guards.guard(USER, ttl_seconds=60)
    await slow.__aenter__()
    await clock.advance(seconds=61)
    for _ in range(3):
        await use(guards)

    with pytest.raises(OperationExpired):
        await slow.__aexit__(None, None, None)


async def test_without_the_service_nobody_is_let_through_unless_it_is_said(
    guards: Guards, line: Line
) -> None:
    line.cut = True

    with pytest.raises(NotReached):
        await use(guards)


async def test_a_refusal_or_a_fault_of_the_caller_is_not_taken_for_unavailability(
    guards: Guards, line: Line
) -> None:
    line.will(says(404), says(403))
    for _ in range(2):
        with pytest.raises(Refused):
            await use(guards, when_unavailable=allow(2))
    with pytest.raises(TypeError):
        async with guards.guard("nobody", operation_id=object(), when_unavailable=allow(2)):  # type: ignore[arg-type]
            pass
    with pytest.raises(Refused):  # of us: 422
        async with guards.guard(USER, operation_id="with a blank", when_unavailable=allow(2)):
            pass


async def test_two_a_day_are_let_through_without_the_service_and_it_is_told_once(
    guards: Guards,
    another_process: Callable[[], Guards],
    billing: Billing,
    line: Line,
    caplog: pytest.LogCaptureFixture,
) -> None:
    line.cut = True
    with caplog.at_level(logging.WARNING, "eatfit24_billing"):
        assert not await use(guards, when_unavailable=allow(2))
        assert not await use(another_process(), when_unavailable=allow(2))
        for each in (guards, another_process()):
            with pytest.raises(Unavailable):
                await use(each, when_unavailable=allow(2))
    decisions = [record for record in caplog.records if record.message.startswith("billing.decided_without")]
    assert [record.__dict__["allowed"] for record in decisions] == [True, True, False, False]

    line.cut = False
    assert await use(guards)  # the first answer of the service; it is told then
    await asyncio.gather(guards.report(), another_process().report())
    await guards.aclose()

    assert (await figures(billing)).used_today == 3


async def test_what_failed_without_the_service_costs_nothing(
    guards: Guards, billing: Billing, line: Line
) -> None:
    line.cut = True
    for _ in range(4):
        with pytest.raises(AnalysisFailed):
            async with guards.guard(USER, when_unavailable=allow(1)):
                raise AnalysisFailed
    line.cut = False

    assert await guards.report() == 0
    assert (await figures(billing)).used_today == 0


async def test_what_died_without_the_service_costs_nothing(guards: Guards, line: Line, days: Days) -> None:
    line.cut = True
    await guards.guard(USER, ttl_seconds=60, when_unavailable=allow(1)).__aenter__()
    with pytest.raises(Unavailable):
        await use(guards, when_unavailable=allow(1))

    days.pass_by(seconds=61)

    assert not await use(guards, when_unavailable=allow(1))


async def test_each_day_lets_through_anew_and_what_it_let_through_is_counted_on_it(
    guards: Guards, billing: Billing, line: Line, days: Days, database: Database
) -> None:
    days.pass_by(days=-1)
    line.cut = True
    await use(guards, when_unavailable=allow(1))
    days.pass_by(days=1)
    await use(guards, when_unavailable=allow(1))
    line.cut = False

    assert await guards.report() == 2
    assert (await figures(billing)).used_today == 1
    counted = await rows(database, "SELECT date, photo_ai_requests AS used FROM daily_usage ORDER BY date")
    assert [row["used"] for row in counted] == [1, 1]
    assert (counted[1]["date"] - counted[0]["date"]).days == 1


async def test_what_was_let_through_above_the_limit_is_counted_too(
    guards: Guards, billing: Billing, line: Line, journal: Journal
) -> None:
    for _ in range(2):
        await use(guards)
    line.cut = True
    for _ in range(2):
        await use(guards, when_unavailable=allow(2))
    line.cut = False

    assert await guards.report() == 2
    assert (await figures(billing)).used_today == 4
    assert journal.counts() == {"reported": 2}


async def test_what_is_told_a_week_too_late_is_not_counted_and_said(
    guards: Guards, line: Line, days: Days, journal: Journal, caplog: pytest.LogCaptureFixture
) -> None:
    days.pass_by(days=-9)
    line.cut = True
    await use(guards, when_unavailable=allow(1))
    line.cut = False

    assert await guards.report() == 1
    assert await guards.report() == 0
    assert journal.counts() == {"not_counted": 1}
    assert "billing.not_counted" in [record.message for record in caplog.records]


async def test_a_reservation_whose_answer_was_lost_counts_once(
    guards: Guards, billing: Billing, line: Line
) -> None:
    line.will(answer_lost, answer_lost, answer_lost)

    assert not await use(guards, "photo-1", when_unavailable=allow(2))
    assert (await figures(billing)).held == 1
    await guards.report()

    after = await figures(billing)
    assert (after.used_today, after.held) == (1, 0)


async def test_a_commit_that_was_not_answered_is_told_later_and_counts_once(
    guards: Guards, billing: Billing, line: Line
) -> None:
    async with guards.guard(USER):
        line.cut = True
    assert line.sent[-1].url.path.endswith("/commit/")
    line.cut = False
    line.will(answer_lost)

    assert await guards.report() == 1
    assert await guards.report() == 0
    after = await figures(billing)
    assert (after.used_today, after.held) == (1, 0)


async def test_the_service_is_told_again_by_somebody_else_when_the_first_one_died(
    guards: Guards, billing: Billing, line: Line, days: Days, tmp_path: Path
) -> None:
    line.cut = True
    await use(guards, when_unavailable=allow(1))
    with pytest.raises(Unavailable):
        await guards.report()
    line.cut = False
    assert len(Journal(tmp_path / "journal", now=days).claim()) == 1  # and then it dies

    assert await guards.report() == 0
    days.pass_by(seconds=61)
    assert await guards.report() == 1
    assert (await figures(billing)).used_today == 1
