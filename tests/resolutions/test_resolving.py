"""What a person decides about a payment that no rule can decide: done once, written down, and nothing stands after."""

import asyncio
import json
from typing import Any
from unittest.mock import AsyncMock
from uuid import UUID, uuid4

import pytest

from billing_service.alarms import service as alarms
from billing_service.audit.service import Deed
from billing_service.kit.alarms import Alarm
from billing_service.kit.db import Database
from billing_service.resolutions import service
from billing_service.resolutions.decisions import Became, CannotResolve, Decision, Verb
from billing_service.resolutions.service import Outcome
from billing_service.services import Services
from billing_service.webhooks.dispatch import LookAgain, look
from tests.bad_days.invariants import broken_rules
from tests.ledger import days_granted, rows, value
from tests.stage import USER, BackOffice, MainBackend, work_off
from tests.user_moves.moving import NEW, OLD, moved

STANDING = "SELECT kind FROM alarms WHERE resolved_at IS NULL ORDER BY kind"
DECISIONS = "SELECT author, user_id, details FROM audit_log WHERE action = 'payment.resolved' ORDER BY id"


async def decide(services: Services, subject: object, verb: str, **more: Any) -> Outcome:  # noqa: ANN401 (of any type)
    caller = more.pop("caller", "cli")
    deed = Deed(caller, more.pop("author", "owner"), more.pop("reason", "сбой 4711"), "")
    return await service.resolve(services, Decision(str(subject), Verb(verb), deed, **more))


async def standing(database: Database) -> list[str]:
    return [row["kind"] for row in await rows(database, STANDING)]


async def a_stray(services: Services, office: BackOffice, **said: str) -> str:
    """A paid object that bears our mark, whose row is in no backup; its id at the provider's."""
    begun = await an_unpaid_stray(services, **said)
    await office.pay({"yookassa_payment_id": begun})
    return begun


async def an_unpaid_stray(services: Services, **said: str) -> str:
    body = {
        "amount": {"value": "299.00", "currency": "RUB"},
        "capture": True,
        "confirmation": {"type": "redirect", "return_url": "https://app.eatfit24.ru/"},
        "metadata": {"billing_payment_id": str(uuid4())} | said,
    }
    made = await services.yookassa.create_payment(json.dumps(body).encode(), idempotence_key=str(uuid4()))
    return made.id


OURS = {"user_id": str(USER), "plan_code": "PRO_MONTHLY"}


@pytest.fixture
async def stray(api: MainBackend, office: BackOffice, services: Services, database: Database) -> str:  # noqa: ARG001
    """The same, told of and looked at in vain."""
    made = await a_stray(services, office, **OURS)
    with pytest.raises(LookAgain):
        await look(services, await value(database, "SELECT id FROM webhook_logs"))
    return made


@pytest.fixture
async def mismatched(api: MainBackend, office: BackOffice, services: Services) -> dict[str, Any]:
    payment = await api.buy()
    await office.misreport(payment, amount={"value": "290.00", "currency": "RUB"})
    await office.pay(payment)
    await work_off(services)
    return payment


@pytest.fixture
async def bought_twice(api: MainBackend, office: BackOffice, services: Services) -> list[dict[str, Any]]:
    two = [await api.buy(Idempotency_Key=key) for key in ("one", "two")]
    for payment in two:
        await office.pay(payment)
        await work_off(services)
    return two


async def test_of_one_payer_more_than_one_payment_goes_back(
    services: Services, database: Database, bought_twice: list[dict[str, Any]]
) -> None:
    for payment in bought_twice:
        await decide(services, payment["payment_id"], "refund")

    assert await value(database, "SELECT array_agg(amount::text) FROM refunds") == ["299.00"] * 2


async def test_money_whose_row_was_lost_becomes_the_payment_it_was_and_gives_its_days_once(
    api: MainBackend, services: Services, database: Database, stray: str
) -> None:
    stood = await standing(database)

    first = await decide(services, stray, "grant")
    again = await decide(services, stray, "grant", author="somebody else")

    assert (stood, first.alarms, first.notifications) == (["unmatched_object"], ["unmatched_object"], 1)
    assert (again.done, again.alarms) == (first.done, [])
    assert again.before is not None
    assert again.before.author == "owner"
    assert await days_granted(database, USER) == 30
    assert (await api.me())["plan_code"] == "PRO_MONTHLY"
    assert await rows(
        database, "SELECT status, amount::text, user_id, yookassa_payment_id FROM payments"
    ) == [{"status": "SUCCEEDED", "amount": "299.00", "user_id": USER, "yookassa_payment_id": stray}]
    assert await value(database, "SELECT status FROM webhook_logs") == "CLOSED"
    assert await value(database, "SELECT count(*) FROM audit_log WHERE action = 'payment.adopted'") == 1
    [decision] = await rows(database, DECISIONS)
    assert (decision["author"], decision["user_id"]) == ("owner", USER)
    assert decision["details"]["alarms"] == ["unmatched_object"]
    assert await broken_rules(database) == {}


async def test_four_who_adopt_the_same_money_at_once_give_its_days_once(
    services: Services, database: Database, stray: str
) -> None:
    await asyncio.gather(*(decide(services, stray, "grant") for _ in range(4)))

    assert await days_granted(database, USER) == 30
    assert await value(database, "SELECT count(*) FROM audit_log WHERE action = 'payment.adopted'") == 1
    assert await value(database, "SELECT count(*) FROM payments") == 1
    assert len(await rows(database, DECISIONS)) == 1


@pytest.mark.usefixtures("api")  # it listens for the notification
async def test_what_the_object_does_not_say_the_person_says(
    office: BackOffice, services: Services, database: Database
) -> None:
    made = await a_stray(services, office)
    with pytest.raises(CannotResolve, match="say --user and --plan"):
        await decide(services, made, "grant")
    with pytest.raises(CannotResolve, match="no such plan: PRO_WEEKLY"):
        await decide(services, made, "grant", user_id=USER, plan_code="PRO_WEEKLY")
    untouched = await value(database, "SELECT count(*) FROM payments")

    await decide(services, made, "grant", user_id=USER + 1, plan_code="PRO_YEARLY")

    assert untouched == 0
    assert (await days_granted(database, USER), await days_granted(database, USER + 1)) == (0, 365)


async def test_money_of_who_has_become_another_number_since_is_his_under_the_new_one(
    api: MainBackend, services: Services, database: Database, stray: str
) -> None:
    await moved(api)

    await decide(services, stray, "grant")

    assert (await days_granted(database, OLD), await days_granted(database, NEW)) == (0, 30)


async def test_money_of_another_shop_is_not_adopted(
    services: Services, office: BackOffice, database: Database, stray: str
) -> None:
    await office.misreport({"yookassa_payment_id": stray}, account_id="100501")

    with pytest.raises(CannotResolve, match="in another shop"):
        await decide(services, stray, "grant")

    assert await value(database, "SELECT count(*) FROM payments") == 0
    assert await standing(database) == ["unmatched_object"]


async def test_money_whose_row_was_lost_goes_back_once_and_leaves_no_access(
    api: MainBackend, office: BackOffice, services: Services, database: Database, stray: str
) -> None:
    first = await decide(services, stray, "refund")
    again = await decide(services, stray, "refund")

    assert first.alarms == ["unmatched_object"]
    assert str(again.done).startswith("all of payment")
    assert await office.refunded() == {stray: "299.00"}
    assert len(await office.creations("create_refund")) == 1
    assert (await api.me())["plan_code"] == "FREE"
    assert await broken_rules(database) == {}


async def test_one_of_two_purchases_goes_back_and_the_other_keeps_its_days(
    office: BackOffice, services: Services, database: Database, bought_twice: list[dict[str, Any]]
) -> None:
    second = bought_twice[1]
    stood = await standing(database)

    await asyncio.gather(*(decide(services, second["payment_id"], "refund") for _ in range(3)))

    assert stood == ["double_purchase"]
    assert await standing(database) == []
    assert (await office.refunded())[second["yookassa_payment_id"]] == "299.00"
    assert await value(database, "SELECT count(*) FROM refunds") == 1
    assert 30 <= await days_granted(database, USER) < 30.01
    assert await broken_rules(database) == {}


@pytest.mark.parametrize("verb", ["grant", "dismiss"])
async def test_two_purchases_that_were_meant_both_stay(
    services: Services, database: Database, bought_twice: list[dict[str, Any]], verb: str
) -> None:
    outcome = await decide(services, bought_twice[1]["payment_id"], verb)

    assert outcome.alarms == ["double_purchase"]
    assert (await standing(database), await days_granted(database, USER)) == ([], 60)


async def test_nobody_is_told_that_a_payer_has_the_days_of_what_went_back(
    api: MainBackend, services: Services, database: Database, bought_twice: list[dict[str, Any]]
) -> None:
    first, second = bought_twice
    await api.refund(first)
    await api.refund(second, "100.00")

    said = [await decide(services, one["payment_id"], "grant") for one in (first, second)]

    assert [one.done.what for one in said] == [Became.ALL_GONE_BACK, Became.HAS_DAYS]
    assert await standing(database) == []


async def test_a_payment_reported_otherwise_is_granted_by_hand_once_and_stays_as_it_is(
    api: MainBackend, services: Services, database: Database, mismatched: dict[str, Any]
) -> None:
    outcome = await decide(services, mismatched["payment_id"], "grant")
    await decide(services, mismatched["yookassa_payment_id"], "grant", reason="ещё раз")

    assert "reports another amount" in str(outcome.done)
    assert await rows(database, "SELECT cause, days, author, reason FROM subscription_periods") == [
        {"cause": "grant", "days": 30, "author": "owner", "reason": "сбой 4711"}
    ]
    assert (await api.payment(mismatched["payment_id"]))["status"] == "pending"
    assert await standing(database) == []


async def test_what_was_decided_about_one_payment_decides_nothing_about_another(
    api: MainBackend, office: BackOffice, services: Services, database: Database, mismatched: dict[str, Any]
) -> None:
    others = [await api.buy("PRO_YEARLY"), await api.buy(user=USER + 1)]
    for other in others:
        await office.misreport(other, amount={"value": "290.00", "currency": "RUB"})
        await office.pay(other)
    await work_off(services)

    outcomes = [await decide(services, one["payment_id"], "grant") for one in (mismatched, *others)]

    assert [outcome.before for outcome in outcomes] == [None, None, None]
    assert [await days_granted(database, user) for user in (USER, USER + 1)] == [30 + 365, 30]


@pytest.mark.parametrize("caller", ["cli", "panel"])
async def test_whoever_goes_on_with_a_grant_that_was_cut_off_doubles_nothing(
    services: Services,
    database: Database,
    mismatched: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    caller: str,
) -> None:
    with monkeypatch.context() as cut_off:
        cut_off.setattr(service, "_conclude", AsyncMock(side_effect=ConnectionError))
        with pytest.raises(ConnectionError):
            await decide(services, mismatched["payment_id"], "grant")

    await decide(services, mismatched["payment_id"], "grant", caller=caller, reason="ещё раз")

    assert await value(database, "SELECT count(*) FROM grants") == 1
    assert await standing(database) == []


async def test_a_payment_of_a_misconfigured_shop_gives_its_days_itself_once_that_is_right_and_not_by_hand_too(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy()
    await office.misreport(payment, test=False)
    await office.pay(payment)
    await work_off(services)

    with pytest.raises(CannotResolve, match="reports another test: put the configuration right"):
        await decide(services, payment["payment_id"], "grant")
    still = await standing(database)
    await office.misreport(payment, test=True)
    await decide(services, payment["payment_id"], "grant")

    assert (still, await standing(database)) == (["reported_object_mismatch"], [])
    assert await rows(database, "SELECT cause, days FROM subscription_periods") == [
        {"cause": "payment", "days": 30}
    ]


async def test_an_alarm_that_no_decision_ends_stands_on(
    services: Services, database: Database, bought_twice: list[dict[str, Any]]
) -> None:
    async with services.statements.transaction() as tx:
        await alarms.raise_once(
            tx,
            Alarm.RECEIPT_NOT_REGISTERED,
            bought_twice[1]["payment_id"],
            payment_id=bought_twice[1]["payment_id"],
        )

    await decide(services, bought_twice[1]["payment_id"], "grant")

    assert await standing(database) == ["receipt_not_registered"]


async def test_three_who_decide_at_once_where_nothing_stands_are_one_decision(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await api.buy()
    await office.pay(payment)
    await work_off(services)

    await asyncio.gather(*(decide(services, payment["payment_id"], "grant") for _ in range(3)))

    assert len(await rows(database, DECISIONS)) == 1


async def test_a_payment_reported_otherwise_is_not_sent_back_by_us_and_stands_until_it_is_dismissed(
    office: BackOffice, services: Services, database: Database, mismatched: dict[str, Any]
) -> None:
    with pytest.raises(CannotResolve, match=r"another amount: send it back in YooKassa's cabinet"):
        await decide(services, mismatched["payment_id"], "refund")
    still = await standing(database)
    await decide(services, mismatched["payment_id"], "dismiss")
    again = await decide(services, mismatched["payment_id"], "dismiss")

    assert (still, await standing(database)) == (["reported_object_mismatch"], [])
    assert again.alarms == []
    assert len(await rows(database, DECISIONS)) == 1
    assert await office.creations("create_refund") == []
    assert await days_granted(database, USER) == 0


async def test_what_was_dismissed_stands_again_once_something_about_it_has_changed(
    office: BackOffice, services: Services, database: Database, mismatched: dict[str, Any]
) -> None:
    async def reported_again(amount: str) -> list[str]:
        await office.misreport(mismatched, amount={"value": amount, "currency": "RUB"})
        await office.claim(mismatched, "payment.succeeded")
        await work_off(services)
        return await standing(database)

    await decide(services, mismatched["payment_id"], "dismiss")

    assert await reported_again("290.00") == []
    assert await reported_again("280.00") == ["reported_object_mismatch"]
    assert (await decide(services, mismatched["payment_id"], "dismiss")).alarms == [
        "reported_object_mismatch"
    ]
    assert len(await rows(database, DECISIONS)) == 2


async def test_a_notification_that_was_given_up_is_closed_by_its_object(
    services: Services, database: Database, stray: str
) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE webhook_logs SET status = 'GIVEN_UP'")
    waits = await service.list_unresolved(services)

    await decide(services, stray, "dismiss")

    assert [(one.kind, one.subject) for one in waits.alarms] == [("unmatched_object", stray)]
    assert [one.yookassa_payment_id for one in waits.notifications] == [stray]
    assert await service.list_unresolved(services) == service.Unresolved([], [])
    assert await rows(database, "SELECT action, author FROM audit_log ORDER BY id") == [
        {"action": "webhook.closed", "author": "owner"},
        {"action": "payment.resolved", "author": "owner"},
    ]
    assert await value(database, "SELECT count(*) FROM payments") == 0


async def test_a_decision_by_our_id_ends_what_is_known_by_the_provider_s(
    services: Services, database: Database, mismatched: dict[str, Any]
) -> None:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE webhook_logs SET status = 'GIVEN_UP'")

    await decide(services, mismatched["payment_id"], "dismiss")

    assert await service.list_unresolved(services) == service.Unresolved([], [])


async def test_what_was_begun_and_not_paid_is_not_adopted(services: Services, database: Database) -> None:
    made = await an_unpaid_stray(services, **OURS)

    with pytest.raises(CannotResolve, match="nothing was paid: YooKassa says pending"):
        await decide(services, made, "grant")

    assert await value(database, "SELECT count(*) FROM payments") == 0


async def test_a_refund_that_the_bank_refused_leaves_everything_standing_and_can_be_tried_again(
    office: BackOffice, services: Services, database: Database, bought_twice: list[dict[str, Any]]
) -> None:
    gave_up = {"operation": "create_refund", "fault": "decline", "reason": "rejected_by_timeout", "count": 1}
    await office.call("PUT", "/faults", [gave_up])
    second = bought_twice[1]

    with pytest.raises(CannotResolve, match="rejected_by_timeout"):
        await decide(services, second["payment_id"], "refund")
    still = await standing(database)
    await decide(services, second["payment_id"], "refund")

    assert "double_purchase" in still
    assert await standing(database) == []
    assert (await office.refunded())[second["yookassa_payment_id"]] == "299.00"


@pytest.mark.parametrize("verb", ["grant", "refund"])
async def test_what_nobody_paid_is_neither_granted_nor_sent_back(
    api: MainBackend, office: BackOffice, services: Services, database: Database, verb: str
) -> None:
    payment = await api.buy()
    foreign = await services.yookassa.create_payment(
        b'{"amount": {"value": "10.00", "currency": "RUB"}, "capture": true, '
        b'"confirmation": {"type": "redirect", "return_url": "https://app.eatfit24.ru/"}}',
        idempotence_key="foreign",
    )
    await office.pay({"yookassa_payment_id": foreign.id})

    for subject, because in (
        (payment["payment_id"], "nothing was paid: YooKassa says pending"),
        (foreign.id, "another system's"),
        (uuid4(), "no such payment in this shop"),
    ):
        with pytest.raises(CannotResolve, match=because):
            await decide(services, subject, verb)
    with pytest.raises(CannotResolve, match="no alarm stands about it"):
        await decide(services, payment["payment_id"], "dismiss")

    assert await days_granted(database, USER) == 0
    assert await value(database, "SELECT count(*) FROM audit_log") == 0


async def test_a_payment_whose_notifications_were_lost_is_settled_first_and_has_its_days(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await office.call("PUT", "/faults", [{"operation": "notification", "fault": "lose"}])
    payment = await api.buy()
    await office.pay(payment)

    outcome = await decide(services, UUID(payment["payment_id"]), "grant")

    assert str(outcome.done).startswith(f"user {USER} has the 30 days")
    assert await rows(database, "SELECT cause FROM subscription_periods") == [{"cause": "payment"}]
