"""Whoever says no before the charge is not charged; whoever says it after gets his money back, with nobody asking."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from pydantic import SecretStr
from structlog.testing import capture_logs

from billing_service.operations.invariants import INVARIANTS
from billing_service.payment_methods.sealing import seal
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import enqueue_due
from billing_service.refunds.calls import REFUNDS
from billing_service.refunds.giving_back import Unwanted, send_back
from billing_service.renewals import looking
from billing_service.resolutions.service import list_unresolved
from tests.ledger import rows, value
from tests.payment_methods.cards import delete, refuse
from tests.renewals.actors import Renewals
from tests.resolutions.test_resolving import decide
from tests.stage import USER, work_off
from tests.stories.silence import LOSE_EVERY_ANSWER, LOSE_EVERY_NOTIFICATION, walk_to_the_end


async def switch_off(renewals: Renewals) -> dict[str, Any]:
    answer = await renewals.api.post("subscription/autorenew/", {"enabled": False})
    shown: dict[str, Any] = answer.json()
    return shown


async def withdraw(renewals: Renewals) -> dict[str, Any]:
    [given] = (await renewals.api.get("consents/")).json()["results"]
    answer = await delete(renewals.api, f"consents/{given['consent_id']}/")
    assert answer.status_code == 200, answer.text
    taken_back: dict[str, Any] = answer.json()
    return taken_back


async def refuse_card(renewals: Renewals) -> dict[str, Any]:
    return await refuse(renewals.api)


WAYS = pytest.mark.parametrize("say_no", [switch_off, refuse_card, withdraw])
SayNo = Callable[[Renewals], Awaitable[dict[str, Any]]]


@WAYS
async def test_before_the_charge_nothing_is_asked_of_the_provider(renewals: Renewals, say_no: SayNo) -> None:
    await renewals.subscribe()
    await renewals.due_tomorrow()
    assert (await say_no(renewals))["charge_in_flight"] is None
    before = len(await renewals.office.creations())

    for _ in range(4):
        await renewals.pass_time(days=2)

    assert await renewals.charges() == []
    assert len(await renewals.office.creations()) == before


@WAYS
async def test_between_two_tries_it_ends_them_and_access_ends_once(renewals: Renewals, say_no: SayNo) -> None:
    await renewals.subscribe()
    await renewals.declines("insufficient_funds")
    await renewals.due_tomorrow()
    await renewals.pass_time(hours=2)
    await say_no(renewals)
    await renewals.declines(None)

    for _ in range(5):
        await renewals.pass_time(days=1.5)

    assert [charge["status"] for charge in await renewals.charges()] == ["CANCELED"]
    assert len(await renewals.events("subscription.ended")) == 1
    assert await renewals.events("subscription.grace_started") == []


@WAYS
async def test_a_look_that_was_on_its_way_tells_nothing_of_a_renewal(
    renewals: Renewals, say_no: SayNo
) -> None:
    await renewals.subscribe()
    await renewals.due_tomorrow()
    await say_no(renewals)
    await renewals.clock.advance(days=2)

    await looking.look(renewals.services, USER)

    assert await renewals.events("subscription.grace_started") == []


async def charge_and_lose_the_answer(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.due_tomorrow()
    await renewals.office.call("PUT", "/faults", LOSE_EVERY_ANSWER + LOSE_EVERY_NOTIFICATION)
    await renewals.pass_time(hours=2)
    [charge] = await renewals.charges()
    assert charge["status"] == "PENDING"
    assert len(await renewals.office.payments()) == 2


async def learn_of_it(renewals: Renewals) -> None:
    """Nothing but the provider's lists says what became of it."""
    await renewals.office.call("PUT", "/faults", [])
    for kind in (PAYMENTS, REFUNDS):
        await walk_to_the_end(renewals.services, kind)
    await work_off(renewals.services)


async def test_a_consent_that_is_withdrawn_again_takes_nothing_of_a_later_one(renewals: Renewals) -> None:
    """The first answer was lost, or a page was left open: he has agreed anew since."""
    await renewals.subscribe()
    taken_back = await withdraw(renewals)
    await renewals.api.post("consents/", {"document_version": "2026-11", "plan_code": "PRO_MONTHLY"})
    switched = await renewals.api.post("subscription/autorenew/", {"enabled": True})
    assert switched.status_code == 200, switched.text
    await renewals.due_tomorrow()
    await renewals.office.call("PUT", "/faults", LOSE_EVERY_ANSWER + LOSE_EVERY_NOTIFICATION)
    await renewals.pass_time(hours=2)

    again = await delete(renewals.api, f"consents/{taken_back['consent_id']}/")

    assert again.json() == taken_back
    assert (await renewals.shown())["autorenew_enabled"] is True
    await learn_of_it(renewals)
    assert [charge["status"] for charge in await renewals.charges()] == ["SUCCEEDED"]
    assert await rows(renewals.database, "SELECT id FROM refunds") == []


@WAYS
async def test_a_charge_that_had_left_and_was_declined_promises_no_other_try(
    renewals: Renewals, say_no: SayNo
) -> None:
    await renewals.subscribe()
    await renewals.declines("insufficient_funds")
    await renewals.due_tomorrow()
    await renewals.office.call("PUT", "/faults", LOSE_EVERY_ANSWER + LOSE_EVERY_NOTIFICATION)
    await renewals.pass_time(hours=2)
    await say_no(renewals)

    await learn_of_it(renewals)

    [failed] = await renewals.events("subscription.renewal_failed")
    assert failed["next_try_at"] is None
    assert ("ещё раз" in failed["text"], "Больше мы не пробуем" in failed["text"]) == (False, True)


@WAYS
async def test_a_charge_that_had_left_gives_its_days_and_goes_back_with_them(
    renewals: Renewals, say_no: SayNo
) -> None:
    await charge_and_lose_the_answer(renewals)
    left = await renewals.pro_days_left()

    answer = await say_no(renewals)
    assert answer["charge_in_flight"]["amount"] == "299.00"
    await learn_of_it(renewals)

    [charge] = await renewals.charges()
    assert charge["status"] == "SUCCEEDED"
    assert await rows(renewals.database, "SELECT status, amount::text, author, access FROM refunds") == [
        {"status": "SUCCEEDED", "amount": "299.00", "author": "system", "access": "cut_all"}
    ]
    assert set((await renewals.office.refunded()).values()) == {"0.00", "299.00"}
    assert await renewals.pro_days_left() == pytest.approx(left, abs=0.01)


async def test_who_pays_by_hand_while_it_is_in_flight_gets_the_other_money_back(renewals: Renewals) -> None:
    await charge_and_lose_the_answer(renewals)
    refused = await renewals.api.post("create-payment/", {"plan_code": "PRO_MONTHLY"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "RENEWAL_IN_PROGRESS")

    await renewals.clock.advance(minutes=11)
    await renewals.office.call("PUT", "/faults", [])
    bought = await renewals.api.buy()
    await renewals.office.pay(bought)
    await work_off(renewals.services)
    await learn_of_it(renewals)

    [charge] = await renewals.charges()
    assert charge["status"] == "SUCCEEDED"
    assert await value(renewals.database, "SELECT count(*) FROM refunds WHERE status = 'SUCCEEDED'") == 1
    assert await rows(renewals.database, "SELECT kind FROM alarms") == []
    assert await renewals.pro_days_left() == pytest.approx(31, abs=0.2)
    shown = await renewals.shown()
    assert shown["autorenew_enabled"] is True


async def test_an_open_checkout_holds_the_renewal_back_until_it_is_over(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.due_tomorrow()
    await renewals.clock.advance(minutes=70)
    await renewals.api.buy()

    await renewals.work()
    assert await renewals.charges() == []
    assert (await renewals.shown())["no_charge_because"] == "CHECKOUT_OPEN"
    await renewals.pass_time(hours=2)
    await renewals.pass_time(hours=7)

    assert [charge["status"] for charge in await renewals.charges()] == ["SUCCEEDED"]


async def test_a_full_refund_of_a_renewal_ends_auto_renewal_and_frees_the_period(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.due_tomorrow()
    await renewals.pass_time(hours=2)
    [charge] = await renewals.charges()

    answer = await renewals.api.refund({"payment_id": str(charge["id"])})

    assert answer.status_code == 201, answer.text
    assert (await renewals.shown())["autorenew_enabled"] is False
    assert await value(renewals.database, "SELECT frees_period FROM payments WHERE is_recurring") is True
    assert await renewals.pro_days_left() < 1

    await renewals.api.post("subscription/autorenew/", {"enabled": True})
    await renewals.pass_time(days=2)

    assert [charge["status"] for charge in await renewals.charges()] == ["SUCCEEDED", "SUCCEEDED"]
    for rule in ("at most one renewal of a user is open", "a period is renewed at most once"):
        assert await rows(renewals.database, INVARIANTS[rule]) == []


@pytest.mark.parametrize("parts", [("299.00",), ("100.00", "199.00")])
async def test_whose_renewal_went_back_with_all_its_days_is_not_charged_for_them_again(
    renewals: Renewals, parts: Sequence[str]
) -> None:
    """However it was said what becomes of the access: his notice would cover another charge on the next day."""
    await renewals.subscribe()
    await renewals.due_tomorrow()
    await renewals.pass_time(hours=2)
    [charge] = await renewals.charges()

    for amount in parts:
        answer = await renewals.api.refund({"payment_id": str(charge["id"])}, amount, access="cut_prorata")
        assert answer.status_code == 201, answer.text
    await renewals.pass_time(days=2)

    assert len(await renewals.charges()) == 1
    assert await renewals.pro_days_left() < 0
    assert (await renewals.shown())["autorenew_enabled"] is False


async def test_a_stop_holds_at_once_and_a_start_goes_on(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.due_tomorrow()
    stop = {"charging": False, "author": "owner", "reason": "проверка"}
    await renewals.api.internal("PUT", "charging/", stop)
    await renewals.pass_time(hours=3)
    assert await renewals.charges() == []

    await renewals.api.internal("PUT", "charging/", stop | {"charging": True})
    await renewals.pass_time(hours=7)

    assert [charge["status"] for charge in await renewals.charges()] == ["SUCCEEDED"]


async def test_who_lapsed_before_renewals_were_switched_on_is_never_called_for(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.pass_time(days=24)
    await renewals.tell_all()
    await renewals.clock.advance(days=7)
    await renewals.services.statements.fetch("DELETE FROM charging_stops WHERE source = 'setting'")
    await renewals.services.statements.fetch(
        "INSERT INTO charging_stops (source, changed_at) VALUES ('setting', billing_now())"
    )
    calls = len((await renewals.office.call("GET", "/requests?limit=1000"))["results"])

    for _ in range(6):
        await renewals.pass_time(days=1)

    assert await renewals.charges() == []
    assert len((await renewals.office.call("GET", "/requests?limit=1000"))["results"]) == calls


async def test_a_method_that_ended_at_its_bank_is_not_charged(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.due_tomorrow()
    [method] = (await renewals.office.call("GET", "/payment_methods"))["results"]
    await renewals.office.call("PATCH", f"/payment_methods/{method['id']}", {"available": False})

    await renewals.pass_time(hours=2)

    assert await renewals.charges() == []
    assert (await renewals.shown())["no_charge_because"] == "PAYMENT_METHOD_NEEDED"
    assert len(await renewals.events("payment_method.ended")) == 1


async def test_a_method_that_the_provider_does_not_know_is_not_charged_and_kept_and_a_person_is_told(
    renewals: Renewals,
) -> None:
    """Perhaps it is not the shop that it was."""
    await renewals.subscribe()
    await renewals.due_tomorrow()
    unknown = seal(renewals.services.settings, SecretStr(str(uuid4()))).sealed
    await renewals.services.statements.fetch("UPDATE payment_methods SET sealed_id = $1", unknown)

    with capture_logs() as lines:
        await renewals.pass_time(hours=2)

    assert await renewals.charges() == []
    assert (await renewals.shown())["card_bound"] is True
    assert "payment_method_unknown" in alarms_in(lines)
    # His access ends all the same, and he hears until when a renewal is still possible.
    await renewals.pass_time(days=1)
    assert len(await renewals.events("subscription.grace_started")) == 1


def alarms_in(lines: Sequence[Mapping[str, Any]]) -> set[str]:
    return {line["kind"] for line in lines if line["event"] == "alarm.raised"}


async def test_a_charge_that_the_provider_does_not_give_back_keeps_its_days_and_a_person_is_told(
    renewals: Renewals,
) -> None:
    """Somebody has given a part back in the cabinet, and we have not heard of it."""
    await renewals.subscribe()
    await renewals.due_tomorrow()
    await renewals.pass_time(hours=2)
    [charge] = await renewals.charges()
    await renewals.office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await renewals.office.refund(charge, "100.00")
    left = await renewals.pro_days_left()

    with capture_logs() as lines:
        await send_back(renewals.services, Unwanted(charge["id"], "switched_off"))

    assert "charge_not_given_back" in alarms_in(lines)
    assert await renewals.pro_days_left() == pytest.approx(left, abs=0.01)


async def test_a_person_is_told_too_when_nothing_of_what_is_to_go_back_ever_arrived(
    renewals: Renewals,
) -> None:
    """After six hours it is not sent again, and the lists say that there is none."""
    await renewals.subscribe()
    await renewals.due_tomorrow()
    await renewals.pass_time(hours=2)
    [charge] = await renewals.charges()
    await renewals.office.call("PUT", "/faults", [{"operation": "create_refund", "fault": "lost_before"}])
    await send_back(renewals.services, Unwanted(charge["id"], "switched_off"))

    with capture_logs() as lines:
        for hours in (7, 2, 2):
            await renewals.pass_time(hours=hours)
            await enqueue_due(renewals.services, REFUNDS)
            await work_off(renewals.services)

    assert [row["status"] for row in await rows(renewals.database, "SELECT status FROM refunds")] == [
        "FAILED"
    ]
    assert "charge_not_given_back" in alarms_in(lines)
    standing = await list_unresolved(renewals.services)
    assert [one.kind for one in standing.alarms] == ["charge_not_given_back"]
    await renewals.office.call("PUT", "/faults", [])
    await decide(renewals.services, charge["id"], "refund")
    assert sorted((await renewals.office.refunded()).values()) == ["0.00", "299.00"]
    assert (await list_unresolved(renewals.services)).alarms == []


async def test_an_hour_takes_no_more_than_its_sum_and_the_rest_is_charged_in_those_that_follow(
    renewals: Renewals,
) -> None:
    settings = renewals.services.settings.model_copy(update={"renewal_hourly_limit": Decimal(598)})
    renewals.services = replace(renewals.services, settings=settings)
    for user in range(USER, USER + 5):
        await renewals.subscribe(user)
    await renewals.pass_time(days=23, hours=1)
    await renewals.tell_all()

    with capture_logs() as lines:
        await renewals.pass_time(days=6)

    assert len(await renewals.charges()) == 2
    assert "renewals_bounded" in alarms_in(lines)
    await renewals.pass_time(hours=1)
    assert len(await renewals.charges()) == 4
    await renewals.pass_time(hours=1)
    assert len(await renewals.charges()) == 5


async def test_the_database_refuses_another_sum_than_was_told(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.due_tomorrow()
    await renewals.pass_time(hours=2)

    with pytest.raises(asyncpg.ForeignKeyViolationError, match="fk_payments_notice"):
        await renewals.services.statements.fetch(
            f"UPDATE payments SET amount = 349 WHERE is_recurring AND user_id = {USER}"  # noqa: S608
        )
