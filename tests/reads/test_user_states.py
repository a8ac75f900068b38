"""One statement says how any users stand, and it says what every other part of the service says."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import jsonschema_rs
import pytest

from billing_service.app import create_app
from billing_service.charging import service as charging
from billing_service.kit.db import Database
from billing_service.kit.statement_pool import StatementPool
from billing_service.services import Services
from billing_service.usage import queries as usage
from tests.events.told import told
from tests.ledger import rows
from tests.payment_methods.cards import order
from tests.reads.slowly import PRO, Books
from tests.reads.test_figures import prove, read
from tests.shown import PAGE, SCHEMAS
from tests.stage import BackOffice, Clock, MainBackend, that_renews, work_off
from tests.wire import counted

Json = dict[str, Any]
GIFT = {"plan_code": "PRO_MONTHLY", "days": 3, "author": "support", "reason": "сбой"}


async def query(api: MainBackend, *user_ids: int) -> list[Json]:
    answer = await api.internal("POST", "users/query", {"user_ids": list(user_ids)})
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    jsonschema_rs.validate({**SCHEMAS["UserStateListOut"], "components": PAGE["components"]}, shown)
    results: list[Json] = shown["results"]
    return results


async def state(api: MainBackend, user: int) -> Json:
    shown = await read(api, f"users/{user}/state")
    jsonschema_rs.validate({**SCHEMAS["UserStateOut"], "components": PAGE["components"]}, shown)
    return shown


async def give(api: MainBackend, user: int, **changes: object) -> None:
    answer = await api.internal(
        "POST", f"users/{user}/grants/", GIFT | changes, Idempotency_Key=f"gift-{user}"
    )
    assert answer.status_code == 201, answer.text


async def test_who_was_never_seen_is_on_free_and_stays_unseen(api: MainBackend, database: Database) -> None:
    shown = await state(api, 4711)

    assert (shown["plan"], shown["is_paid"], shown["status"]) == ("FREE", False, "free")
    assert (shown["access_until"], shown["features"]["history_days"]) == (None, 7)
    assert (shown["next_charge"], shown["no_charge_because"]) == (None, "RENEWALS_OFF")
    assert await rows(database, "SELECT user_id FROM subscriptions") == []


async def test_states_come_in_the_order_of_the_question(api: MainBackend) -> None:
    await give(api, 7)
    asked = [9, 7, 2**63 - 1, 1, 7]

    shown = await query(api, *asked)

    assert [one["user_id"] for one in shown] == asked
    assert [one["is_paid"] for one in shown] == [False, True, False, False, True]
    assert len({one["as_of"] for one in shown}) == 1
    assert await query(api) == []


@pytest.mark.parametrize("ids", [[0], [-1], [2**63], ["1"], [1.5], [True], None])
async def test_what_is_no_user_is_refused(api: MainBackend, ids: list[object] | None) -> None:
    answer = await api.internal("POST", "users/query", {"user_ids": ids})

    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "VALIDATION_ERROR")


async def test_five_hundred_states_are_exactly_one_statement(services: Services) -> None:
    async with counted(services.settings.database_url) as wire:
        own = replace(services, statements=StatementPool(wire.database_url, pool_size=1))
        async with MainBackend.calling(create_app(own.settings, own)) as api:
            await state(api, 1)
            before = wire.round_trips

            many = await query(api, *range(1, 501))
            of_many, before = wire.round_trips - before, wire.round_trips
            await state(api, 1)

            assert (len(many), of_many, wire.round_trips - before) == (500, 1, 1)
        await own.statements.close()


@pytest.fixture
async def renewing(services: Services) -> AsyncIterator[MainBackend]:
    own = that_renews(services)
    await charging.follow_setting(own)
    async with MainBackend.calling(create_app(own.settings, own)) as backend:
        yield backend


async def test_a_life_is_told_as_every_other_part_tells_it(
    renewing: MainBackend, api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    """Before a purchase, with an open one, PRO with a card that is kept, switched on, in grace, over."""
    user = 31
    assert (await told_alike(renewing, services, user))["no_charge_because"] == "AUTORENEW_OFF"
    bought = await order(renewing, user=user)
    opened = (await told_alike(renewing, services, user))["open_payment"]
    assert (opened["payment_id"], opened["amount"]) == (bought["payment_id"], "299.00")
    assert opened["confirmation_url"] == bought["confirmation_url"]
    await office.pay(bought)
    await work_off(services)
    await renewing.post("subscription/autorenew/", {"enabled": True}, user)

    paid = await told_alike(renewing, services, user)
    assert (paid["status"], paid["is_paid"], paid["open_payment"]) == ("active", True, None)
    assert (paid["auto_renew"], paid["no_charge_because"]) == (True, "NOT_DUE")
    assert paid["next_charge"]["amount"] == "299.00"
    last_day = datetime.fromisoformat(paid["access_until"]) - timedelta(days=1)
    assert datetime.fromisoformat(paid["next_charge"]["charge_at"]) == last_day
    assert paid["consent"]["amount"] == "299.00"
    await clock.advance(days=31)
    graced = await told_alike(renewing, services, user)
    assert (graced["status"], graced["is_paid"], graced["plan"]) == ("grace", False, "FREE")
    assert graced["access_until"] == paid["access_until"]
    assert (await state(api, user))["status"] == "expired"  # nothing is renewed there
    await clock.advance(days=5)
    assert (await told_alike(renewing, services, user))["status"] == "expired"
    await renewing.http.delete("/api/v1/billing/payment-method/", headers={"X-User-Id": str(user)})
    gone = await told_alike(renewing, services, user)
    assert (gone["payment_method"], gone["consent"], gone["auto_renew"]) == (None, None, False)


async def test_of_several_open_checkouts_the_newest_is_shown(api: MainBackend) -> None:
    for plan in ("PRO_YEARLY", "PRO_MONTHLY"):
        newest = await api.buy(plan, user=31)

    assert (await state(api, 31))["open_payment"]["payment_id"] == newest["payment_id"]


async def told_alike(api: MainBackend, services: Services, user: int) -> Json:
    """The state, after it was compared with the answers of `me/`, `usage/`, `subscription/` and the newest event."""
    shown = await state(api, user)
    me, usage_of_today = await api.me(user), await read(api, f"users/{user}/usage")
    subscription = (await api.get("subscription/", user)).json()
    assert (shown["plan"], shown["plan_name"]) == (me["plan_code"], me["plan_name"])
    assert me["expires_at"] == (shown["access_until"] if shown["plan"] != "FREE" else None)
    assert shown["features"]["daily_photo_limit"] == me["daily_photo_limit"]
    for name in ("used_today", "held", "remaining_today", "resets_at"):
        assert shown["usage"][name] == usage_of_today[name]
    assert shown["is_paid"] is (subscription["plan"] == "pro" and subscription["is_active"])
    assert (shown["payment_method"] is not None) is subscription["card_bound"]
    assert shown["auto_renew"] is subscription["autorenew_enabled"]
    assert shown["no_charge_because"] == subscription["no_charge_because"]
    charge = subscription["next_charge"]
    assert shown["next_charge"] == (charge and {name: charge[name] for name in ("charge_at", "amount")})
    for event in (await told(services, user))[-1:]:
        assert shown["access_until"] == event["state"]["access_until"]
        assert shown["auto_renew"] is event["state"]["auto_renew"]
        assert (shown["payment_method"] or {}).get("card_mask") == (
            event["state"]["payment_method"] or {}
        ).get("card_mask")
    assert [shown | {"as_of": ""}] == [one | {"as_of": ""} for one in await query(api, user)]
    return shown


@pytest.mark.slow
async def test_whatever_happened_states_are_those_of_the_rows(
    api: MainBackend, services: Services, rounds: int
) -> None:
    async def check(books: Books) -> None:
        for shown in await query(api, *range(1, 6)):
            user, now = shown["user_id"], datetime.fromisoformat(shown["as_of"])
            me = await usage.get_today(services.statements, user, "Europe/Moscow")
            running, ends = books.running(user, now), books.ends(user)

            assert shown["plan"] == me["plan_code"]
            assert shown["is_paid"] is (running is not None) is (shown["plan"] in PRO)
            assert shown["status"] == ("active" if running else "free" if ends is None else "expired")
            if shown["plan"] != "TEST_LIVE":
                assert (shown["access_until"] and datetime.fromisoformat(shown["access_until"])) == ends
            if running:
                assert me["access_until"] == ends

    await prove(services, max(rounds // 2, 1), check)
