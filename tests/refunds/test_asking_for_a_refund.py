"""An operator sends money back: what is asked, what is refused, and that a repeat is never a second refund."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.refunds.orders import Order
from billing_service.refunds.service import start
from billing_service.refunds.settlement import in_its_words
from billing_service.services import Services
from billing_service.yookassa.errors import Rejected
from tests.ledger import days_granted, rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, api_with_a_rotated_key, work_off

LOSE_THE_ANSWER = [{"operation": "create_refund", "fault": "lost_after"}]


async def test_a_part_goes_back_and_the_access_stays(
    api: MainBackend, office: BackOffice, database: Database, paid: dict[str, Any]
) -> None:
    answer = await api.refund(paid, "100.00")

    refund = answer.json()
    assert answer.status_code == 201
    assert refund["status"] == "succeeded"
    assert (refund["amount"], refund["currency"], refund["access"]) == ("100.00", "RUB", "keep")
    assert (refund["author"], refund["reason"]) == ("support: desk 2", "so it was agreed")
    assert refund["cancellation"] is None
    assert refund["completed_at"] is not None
    assert list((await office.refunded()).values()) == ["100.00"]
    assert await days_granted(database, USER) == 30


async def test_everything_goes_back_and_the_access_ends(
    api: MainBackend, office: BackOffice, database: Database, paid: dict[str, Any]
) -> None:
    refund = (await api.refund(paid)).json()

    assert (refund["status"], refund["amount"], refund["access"]) == ("succeeded", "299.00", "cut_all")
    assert list((await office.refunded()).values()) == ["299.00"]
    assert (await api.me())["plan_code"] == "FREE"
    assert await days_granted(database, USER) < 0.01


async def test_the_second_of_two_parts_is_the_one_after_which_nothing_is_left(
    api: MainBackend, paid: dict[str, Any]
) -> None:
    first = (await api.refund(paid, "200.00")).json()
    plan_between = (await api.me())["plan_code"]
    second = (await api.refund(paid, "99.00")).json()

    assert (first["access"], second["access"]) == ("keep", "cut_all")
    assert plan_between == "PRO_MONTHLY"
    assert (await api.me())["plan_code"] == "FREE"


async def test_the_days_that_the_money_bought_are_cut_in_whole_seconds_rounded_down(
    api: MainBackend, database: Database, paid: dict[str, Any]
) -> None:
    refund = (await api.refund(paid, "100.00", access="cut_prorata")).json()

    assert refund["access"] == "cut_prorata"
    cut = await value(database, "SELECT extract(epoch FROM cut)::int FROM subscription_periods")
    assert cut == 30 * 86400 * 100 // 299


async def test_all_access_can_be_kept_although_all_money_goes_back(
    api: MainBackend, database: Database, paid: dict[str, Any]
) -> None:
    refund = (await api.refund(paid, access="keep")).json()

    assert refund["access"] == "keep"
    assert await days_granted(database, USER) == 30


async def test_all_access_for_a_part_of_the_money_is_refused_before_any_call(
    api: MainBackend, office: BackOffice, paid: dict[str, Any]
) -> None:
    answer = await api.refund(paid, "100.00", access="cut_all")

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "ACCESS_EXCEEDS_REFUND")
    assert answer.json()["error"]["details"] == {"left": "199.00"}
    assert await office.creations("create_refund") == []


async def test_all_access_is_not_taken_for_money_that_may_still_stay(
    api: MainBackend, office: BackOffice, paid: dict[str, Any]
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_refund", "fault": "stay_pending"}])
    pending = (await api.refund(paid, "200.00")).json()

    answer = await api.refund(paid, "99.00", access="cut_all")

    assert pending["status"] == "pending"
    assert answer.json()["error"]["details"] == {"left": "200.00"}


async def test_more_than_is_left_is_refused_before_any_call(
    api: MainBackend, office: BackOffice, paid: dict[str, Any]
) -> None:
    await api.refund(paid, "200.00")

    answer = await api.refund(paid, "99.01")

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "REFUND_TOO_LARGE")
    assert answer.json()["error"]["details"] == {"refundable": "99.00"}
    assert len(await office.creations("create_refund")) == 1


async def test_nothing_is_left_to_send_back(api: MainBackend, paid: dict[str, Any]) -> None:
    await api.refund(paid)

    answer = await api.refund(paid)

    assert answer.json()["error"]["code"] == "REFUND_TOO_LARGE"
    assert answer.json()["error"]["details"] == {"refundable": "0.00"}


async def test_of_two_operators_at_once_one_succeeds_and_the_other_is_refused_before_any_call(
    api: MainBackend, office: BackOffice, paid: dict[str, Any]
) -> None:
    answers = await asyncio.gather(*(api.refund(paid, "200.00") for _ in range(2)))

    assert sorted(answer.status_code for answer in answers) == [201, 409]
    assert len(await office.creations("create_refund")) == 1
    assert list((await office.refunded()).values()) == ["200.00"]


async def test_equal_parts_with_different_keys_are_different_refunds(
    api: MainBackend, office: BackOffice, paid: dict[str, Any]
) -> None:
    answers = [await api.refund(paid, "100.00") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert list((await office.refunded()).values()) == ["200.00"]


async def test_a_double_click_is_one_refund(
    api: MainBackend, office: BackOffice, database: Database, paid: dict[str, Any]
) -> None:
    answers = await asyncio.gather(*(api.refund(paid, "100.00", key="one") for _ in range(5)))

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["refund_id"] for answer in answers}) == 1
    assert len(await office.creations("create_refund")) == 1
    assert await value(database, "SELECT count(*) FROM audit_log") == 1


async def test_a_repeat_answers_the_refund_as_it_is_now(api: MainBackend, paid: dict[str, Any]) -> None:
    first = (await api.refund(paid, "100.00", key="one")).json()
    await api.refund(paid, "199.00")

    assert (await api.refund(paid, "100.00", key="one")).json() == first


async def test_a_repeat_while_yookassa_has_not_decided_sends_nothing(
    api: MainBackend, office: BackOffice, paid: dict[str, Any]
) -> None:
    await office.call("PUT", "/faults", [{"operation": "create_refund", "fault": "stay_pending"}])

    answers = [await api.refund(paid, "100.00", key="one") for _ in range(2)]

    assert [(one.status_code, one.json()["status"]) for one in answers] == [(201, "pending")] * 2
    assert len(await office.creations("create_refund")) == 1


@pytest.mark.parametrize("change", [{"amount": "99.00"}, {"reason": "another"}, {"access": "keep"}])
async def test_one_key_is_one_request(api: MainBackend, paid: dict[str, Any], change: dict[str, str]) -> None:
    await api.refund(paid, "100.00", key="one")

    answer = await api.refund(paid, **{"amount": "100.00", "key": "one"} | change)

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


async def test_one_key_of_a_caller_is_not_for_two_payments_of_a_user(
    api: MainBackend, office: BackOffice, services: Services, paid: dict[str, Any]
) -> None:
    another = await api.buy("PRO_YEARLY")
    await office.pay(another)
    await work_off(services)
    await api.refund(paid, "100.00", key="one")

    answer = await api.refund(another, "100.00", key="one")

    assert answer.json()["error"]["code"] == "IDEMPOTENCY_KEY_REUSED"


async def test_without_a_key_nothing_is_sent(
    api: MainBackend, office: BackOffice, paid: dict[str, Any]
) -> None:
    body = {"reason": "so it was agreed", "author": "support: desk 2"}

    answer = await api.internal("POST", f"payments/{paid['payment_id']}/refunds", body)

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "IDEMPOTENCY_KEY_REQUIRED")
    assert await office.creations("create_refund") == []


@pytest.mark.parametrize(
    "field",
    [
        *({"amount": "0.00"}, {"amount": "-1.00"}, {"amount": "1.001"}, {"amount": "1e2"}, {"amount": ""}),
        *({"reason": ""}, {"author": " "}, {"access": "more"}, {"unknown": "field"}),
    ],
)
async def test_what_is_no_refund_is_refused(
    api: MainBackend, paid: dict[str, Any], field: dict[str, str]
) -> None:
    answer = await api.refund(paid, **field)

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")


async def test_what_was_not_paid_cannot_go_back(api: MainBackend) -> None:
    payment = await api.buy("PRO_MONTHLY")

    answer = await api.refund(payment)

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "NOT_REFUNDABLE")
    assert answer.json()["error"]["details"] == {"because": "not_succeeded"}


async def test_what_another_shop_took_cannot_be_sent_back_by_this_one(
    office: BackOffice, services: Services, database: Database, paid: dict[str, Any]
) -> None:
    async with _after_the_shop_was_changed(services) as elsewhere:
        answer = await elsewhere.refund(paid)

    assert (answer.status_code, answer.json()["error"]["code"]) == (409, "NOT_REFUNDABLE")
    assert answer.json()["error"]["details"] == {"because": "another_shop"}
    assert await office.creations("create_refund") == []
    assert await value(database, "SELECT count(*) FROM refunds") == 0


async def test_a_refund_in_doubt_is_never_posted_to_another_shop(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock, paid: dict[str, Any]
) -> None:
    await office.call("PUT", "/faults", LOSE_THE_ANSWER)
    await api.refund(paid, "100.00", key="one")
    await office.call("PUT", "/faults", [])
    posted = len(await office.creations("create_refund"))
    await clock.advance(minutes=2)

    async with _after_the_shop_was_changed(services) as elsewhere:
        again = await elsewhere.refund(paid, "100.00", key="one")

    assert (again.status_code, again.json()["error"]["code"]) == (503, "YOOKASSA_UNAVAILABLE")
    assert len(await office.creations("create_refund")) == posted


async def test_what_yookassa_has_no_payment_for_cannot_go_back(
    api: MainBackend, office: BackOffice, services: Services, paid: dict[str, Any]
) -> None:
    """Taken over from before, when the provider's id was not kept."""
    await services.statements.fetch("UPDATE payments SET yookassa_payment_id = NULL, imported = true")

    answer = await api.refund(paid)

    assert answer.json()["error"]["details"] == {"because": "unknown_to_yookassa"}
    assert await office.creations("create_refund") == []


async def test_one_key_of_two_callers_is_two_refunds(
    api: MainBackend, services: Services, database: Database, paid: dict[str, Any]
) -> None:
    await api.refund(paid, "100.00", key="one")
    order = Order(
        payment_id=UUID(paid["payment_id"]),
        amount=Decimal("50.00"),
        access=None,
        reason="so it was agreed",
        author="owner",
        caller="cli",
        idempotency_key="one",
        request_id="",
    )

    refunds = [await start(services, order) for _ in range(2)]

    assert {refund.amount for refund in refunds} == {Decimal("50.00")}
    assert await value(database, "SELECT count(*) FROM refunds") == 2


async def test_a_payment_nobody_made_is_not_found(api: MainBackend) -> None:
    nobody = {"payment_id": "4a8b9f5e-2a58-4c4b-9a53-0f6d6c1b7e11"}

    assert (await api.refund(nobody)).json()["error"]["code"] == "PAYMENT_NOT_FOUND"
    listed = await api.internal("GET", f"payments/{nobody['payment_id']}/refunds")
    assert listed.json()["error"]["code"] == "PAYMENT_NOT_FOUND"
    shown = await api.internal("GET", f"refunds/{nobody['payment_id']}")
    assert (shown.status_code, shown.json()["error"]["code"]) == (404, "REFUND_NOT_FOUND")


async def test_the_refunds_of_a_payment_can_be_listed_and_looked_at(
    api: MainBackend, paid: dict[str, Any]
) -> None:
    before = (await api.internal("GET", f"payments/{paid['payment_id']}/refunds")).json()
    made = [(await api.refund(paid, amount)).json() for amount in ("100.00", "99.00")]

    assert before == {"results": []}
    listed = (await api.internal("GET", f"payments/{paid['payment_id']}/refunds")).json()
    assert listed == {"results": made}
    assert (await api.internal("GET", f"refunds/{made[0]['refund_id']}")).json() == made[0]


async def test_what_the_provider_refuses_says_why_and_stays_refused(
    api: MainBackend, office: BackOffice, services: Services, database: Database, paid: dict[str, Any]
) -> None:
    await office.refund(paid, "250.00")

    with capture_logs() as lines:
        answers = [await api.refund(paid, "100.00", key="one") for _ in range(2)]

    for answer in answers:
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "YOOKASSA_REJECTED")
        assert answer.json()["error"]["details"]["reason"] == "Refund sum exceeded"
    assert len(await office.creations("create_refund")) == 1
    [refused] = [line for line in lines if line["event"] == "refund.refused_by_provider"]
    assert (refused["error_code"], refused["error_id"] is None) == ("invalid_request", False)
    await work_off(services)
    assert [line["after"] for line in lines if line["event"] == "refund.settled"] == ["FAILED"]
    states = await rows(database, "SELECT status, outcome_unknown AS doubt FROM refunds ORDER BY status")
    assert states == [{"status": "FAILED", "doubt": False}, {"status": "SUCCEEDED", "doubt": False}]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("Refund sum exceeded", "Refund sum exceeded"),
        ("No such payer as ivan@example.org", None),
        ("No such telephone as 79001234567", None),
        (None, None),
    ],
)
def test_the_providers_words_are_passed_on_unless_they_seem_to_quote_the_payer(
    words: str | None, told: str | None
) -> None:
    refused = Rejected(status=400, error_id=None, code="invalid_request", description=words, parameter=None)

    assert in_its_words(refused) == told


async def test_a_lost_answer_is_no_second_refund(
    api: MainBackend, office: BackOffice, paid: dict[str, Any]
) -> None:
    await office.call("PUT", "/faults", LOSE_THE_ANSWER)
    lost = await api.refund(paid, "100.00", key="one")
    await office.call("PUT", "/faults", [])

    again = await api.refund(paid, "100.00", key="one")

    assert (lost.status_code, lost.json()["error"]["code"]) == (503, "YOOKASSA_UNAVAILABLE")
    assert again.status_code == 201
    assert again.json()["status"] == "succeeded"
    assert again.json()["refund_id"] == lost.json()["error"]["details"]["refund_id"]
    assert list((await office.refunded()).values()) == ["100.00"]


async def test_a_refused_key_of_ours_refuses_no_refund(
    api: MainBackend, office: BackOffice, services: Services, paid: dict[str, Any]
) -> None:
    async with api_with_a_rotated_key(services, office) as locked_out:
        refused = await locked_out.refund(paid, "100.00", key="one")

    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "YOOKASSA_UNAVAILABLE")
    assert (await api.refund(paid, "100.00", key="one")).status_code == 201


async def test_who_sent_money_back_and_why_is_in_the_audit_log(
    api: MainBackend, database: Database, paid: dict[str, Any]
) -> None:
    refund = (await api.refund(paid, "100.00")).json()

    (entry,) = await rows(database, "SELECT action, caller, author, reason, user_id, details FROM audit_log")
    assert (entry["action"], entry["caller"], entry["author"]) == ("refund.started", "dev", "support: desk 2")
    assert (entry["reason"], entry["user_id"]) == ("so it was agreed", USER)
    assert entry["details"]["refund_id"] == refund["refund_id"]
    assert entry["details"]["amount"] == "100.00"


async def test_a_full_refund_switches_auto_renewal_off_and_a_part_does_not(
    api: MainBackend, database: Database, services: Services, paid: dict[str, Any]
) -> None:
    await services.statements.fetch("UPDATE subscriptions SET auto_renew = true")
    await api.refund(paid, "100.00")
    after_a_part = await value(database, "SELECT auto_renew FROM subscriptions")
    await api.refund(paid)

    assert after_a_part is True
    assert await value(database, "SELECT auto_renew FROM subscriptions") is False


@asynccontextmanager
async def _after_the_shop_was_changed(services: Services) -> AsyncIterator[MainBackend]:
    changed = services.settings.model_copy(update={"yookassa_shop_id_test": "200600"})
    async with MainBackend.calling(create_app(changed, replace(services, settings=changed))) as backend:
        yield backend
