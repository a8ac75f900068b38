"""A charge that is declined: what the payer is told, when it is tried again, and what is never tried again."""

import pytest

from billing_service.charging.declines import DECLINES, Reaction
from billing_service.payments.calls import PAYMENTS
from billing_service.sandbox.model.cards import REASONS
from tests.ledger import value
from tests.renewals.actors import Renewals
from tests.stage import USER
from tests.stories.silence import LOSE_EVERY_ANSWER, LOSE_EVERY_NOTIFICATION, walk_to_the_end


def test_every_reason_of_the_provider_has_its_row() -> None:
    assert set(DECLINES) == set(REASONS)


async def test_no_money_is_tried_again_and_the_second_retry_succeeds(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.declines("insufficient_funds")
    await renewals.due_tomorrow()
    await renewals.pass_time(hours=2)
    [failed] = await renewals.events("subscription.renewal_failed")
    assert (failed["reason"], failed["reaction"], failed["tries"]) == ("insufficient_funds", "spaced", 1)
    assert failed["next_try_at"] is not None

    await renewals.pass_time(hours=23)
    assert len(await renewals.charges()) == 1
    await renewals.pass_time(hours=2)
    assert len(await renewals.charges()) == 2
    await renewals.declines(None)
    await renewals.pass_time(days=2)

    assert [charge["status"] for charge in await renewals.charges()] == ["CANCELED", "CANCELED", "SUCCEEDED"]
    assert (await renewals.shown())["is_active"] is True
    assert len(await renewals.events("subscription.grace_started")) == 1


async def test_who_pays_by_hand_between_the_tries_is_not_tried_again(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.declines("insufficient_funds")
    await renewals.due_tomorrow()
    for _ in range(2):
        await renewals.pass_time(hours=6)
    tried = len(await renewals.charges())
    await renewals.declines(None)

    await renewals.office.pay(await renewals.api.buy())
    await renewals.work()
    for _ in range(4):
        await renewals.pass_time(days=2)

    assert (tried, [charge["status"] for charge in await renewals.charges()]) == (1, ["CANCELED"])
    assert await renewals.pro_days_left() == pytest.approx(22.5, abs=0.1)
    assert (await renewals.shown())["autorenew_enabled"] is True
    assert await renewals.events("subscription.ended") == []


async def test_after_four_tries_nothing_is_tried_for_this_period(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.declines("general_decline")
    await renewals.due_tomorrow()

    for _ in range(9):
        await renewals.pass_time(days=1)

    assert [charge["status"] for charge in await renewals.charges()] == ["CANCELED"] * 4
    failed = await renewals.events("subscription.renewal_failed")
    assert [one["next_try_at"] is None for one in failed] == [False, False, False, True]
    assert ["ещё раз" in one["text"] for one in failed] == [True, True, True, False]


@pytest.mark.parametrize("reason", [one for one, d in DECLINES.items() if d.reaction is Reaction.NEVER])
async def test_what_is_for_good_drops_the_card_and_only_the_payer_s_word_ends_auto_renewal(
    renewals: Renewals, reason: str
) -> None:
    await renewals.subscribe()
    await renewals.declines(reason)
    await renewals.due_tomorrow()
    await renewals.pass_time(hours=2)
    await renewals.declines(None)

    for _ in range(4):
        await renewals.pass_time(days=2)

    assert len(await renewals.charges()) == 1
    shown = await renewals.shown()
    assert shown["card_bound"] is False
    assert shown["autorenew_enabled"] is (reason != "permission_revoked")
    assert len(await renewals.events("payment_method.ended")) == 1


async def test_a_new_card_in_the_grace_is_charged_at_once(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.declines("card_expired")
    await renewals.due_tomorrow()
    await renewals.pass_time(days=2)
    assert (await renewals.shown())["no_charge_because"] == "PAYMENT_METHOD_NEEDED"

    await renewals.bind_a_card()
    await renewals.work()

    assert [charge["status"] for charge in await renewals.charges()] == ["CANCELED", "SUCCEEDED"]
    assert await renewals.pro_days_left() == pytest.approx(30, abs=0.1)


async def test_a_permission_that_was_revoked_for_a_card_replaced_meanwhile_ends_nothing(
    renewals: Renewals,
) -> None:
    await renewals.subscribe()
    await renewals.declines("permission_revoked")
    await renewals.due_tomorrow()
    await renewals.office.call("PUT", "/faults", LOSE_EVERY_ANSWER + LOSE_EVERY_NOTIFICATION)
    await renewals.pass_time(hours=2)
    assert [charge["status"] for charge in await renewals.charges()] == ["PENDING"]
    await renewals.office.call("PUT", "/faults", [])
    await renewals.bind_a_card()

    await walk_to_the_end(renewals.services, PAYMENTS)
    await renewals.declines(None)
    await renewals.pass_time(hours=1)

    assert [charge["status"] for charge in await renewals.charges()] == ["CANCELED", "SUCCEEDED"]
    assert (await renewals.shown())["autorenew_enabled"] is True
    [failed] = await renewals.events("subscription.renewal_failed")
    assert (failed["reason"], failed["reaction"]) == ("permission_revoked", "spaced")
    assert failed["text"] == "Автоматически оплатить не получилось. Мы попробуем ещё раз."
    assert failed["next_try_at"] is not None


async def test_a_reason_nobody_knows_is_left_to_the_payer_and_to_a_person(
    renewals: Renewals,
) -> None:
    await renewals.subscribe()
    await renewals.declines("moon_in_retrograde")
    await renewals.due_tomorrow()
    for _ in range(4):
        await renewals.pass_time(days=2)

    assert len(await renewals.charges()) == 1
    [failed] = await renewals.events("subscription.renewal_failed")
    assert (failed["reaction"], failed["next_try_at"]) == ("ask", None)
    # One alarm, about the reason itself: the next payer it happens to is no news.
    about = await value(
        renewals.database, "SELECT array_agg(subject) FROM alarms WHERE kind = 'decline_unknown'"
    )
    assert about == ["moon_in_retrograde"]


async def test_too_many_declines_that_are_not_about_money_stop_everything(renewals: Renewals) -> None:
    users = range(USER, USER + 30)
    for user in users:
        await renewals.subscribe(user)
    await renewals.declines("issuer_unavailable")
    await renewals.pass_time(days=23, hours=1)
    await renewals.tell_all()

    await renewals.pass_time(days=6)

    declined = await renewals.charges()
    assert 20 <= len(declined) < 30
    status = (await renewals.api.internal("GET", "charging/")).json()
    assert [stop["source"] for stop in status["stops"]] == ["trip"]
    assert (await renewals.shown(set(users).difference(charge["user_id"] for charge in declined).pop()))[
        "no_charge_because"
    ] == "CHARGING_STOPPED"


async def test_who_is_not_charged_because_the_shop_may_not_hears_of_it_each_time(
    renewals: Renewals,
) -> None:
    await renewals.subscribe()
    await renewals.due_tomorrow()
    await renewals.office.call("PUT", "/shop", {"recurring": False})

    for _ in range(8):
        await renewals.pass_time(days=1)

    assert [charge["status"] for charge in await renewals.charges()] == ["FAILED"] * 4
    failed = await renewals.events("subscription.renewal_failed")
    assert [one["next_try_at"] is None for one in failed] == [False, False, False, True]
    assert {(one["reason"], one["reaction"]) for one in failed} == {(None, "spaced")}


async def test_too_many_refusals_of_the_shop_stop_everything(renewals: Renewals) -> None:
    for user in range(USER, USER + 30):
        await renewals.subscribe(user)
    await renewals.pass_time(days=23, hours=1)
    await renewals.tell_all()
    await renewals.office.call("PUT", "/shop", {"recurring": False})

    await renewals.pass_time(days=6)

    assert 20 <= len(await renewals.charges()) < 30
    status = (await renewals.api.internal("GET", "charging/")).json()
    assert [stop["source"] for stop in status["stops"]] == ["trip"]
