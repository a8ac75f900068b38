"""A refused method is never charged again: no way leads around it."""

import asyncio
from uuid import uuid4

import asyncpg
import pytest

from billing_service.kit.db import Database
from billing_service.services import Services
from tests.ledger import value
from tests.payment_methods.cards import keep_a_card, order, refuse, shown
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off

CHARGE = """
    INSERT INTO payments (id, user_id, plan_code, amount, currency, duration_days, description, purpose, shop_id,
        is_test, caller, route, request_fingerprint, return_url, is_recurring, payment_method_id, request_body,
        surplus_of)
    VALUES ($1, $2, 'PRO_MONTHLY', 299, 'RUB', 30, '', 'PLAN', '100500', true, 'raw', 'raw', '', '', true, $3, $4, $5)
"""


async def charge(connection: asyncpg.Connection, method: object, surplus_of: object = None) -> None:
    await connection.execute(CHARGE, uuid4(), USER, method, b"bytes", surplus_of)


async def test_a_refused_card_is_gone_for_good(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    await keep_a_card(api, office, renewing)
    await renewing.statements.fetch("UPDATE subscriptions SET auto_renew = true")

    receipt, again = await refuse(api), await refuse(api)

    assert again == receipt
    assert (receipt["autorenew_enabled"], receipt["charge_in_flight"]) == (False, None)
    assert (await shown(api))["is_attached"] is False
    assert await value(database, "SELECT auto_renew FROM subscriptions") is False
    assert (
        await value(database, "SELECT status || coalesce(sealed_id::text, '') FROM payment_methods")
        == "REFUSED"
    )
    assert await value(database, "SELECT count(*) FROM consents WHERE withdrawn_at IS NULL") == 0
    told = await value(database, "SELECT count(*) FROM outbox_events WHERE kind = 'payment_method.refused'")
    assert told == 1


async def test_it_works_without_a_card_and_long_after_the_end(
    api: MainBackend, office: BackOffice, renewing: Services, clock: Clock
) -> None:
    await keep_a_card(api, office, renewing)
    await clock.advance(days=400)

    ended, never = await refuse(api), await refuse(api, 4242)

    assert ended["receipt_id"] != never["receipt_id"]
    assert (await shown(api))["is_attached"] is False


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE payment_methods SET status = 'ACTIVE', refused_at = NULL, ended_at = NULL, sealed_id = 'x'",
        "UPDATE payment_methods SET refused_at = refused_at + interval '1 day'",
        "DELETE FROM payment_methods",
        "UPDATE payments SET payment_method_id = (SELECT id FROM payment_methods)",
    ],
)
async def test_nobody_takes_a_refusal_back(
    api: MainBackend, office: BackOffice, renewing: Services, change: str
) -> None:
    await keep_a_card(api, office, renewing)
    await refuse(api)

    with pytest.raises(asyncpg.CheckViolationError):
        await renewing.statements.fetch(change)


async def test_a_charge_of_a_refused_method_cannot_be_written_but_what_is_reported_can(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    created = await keep_a_card(api, office, renewing)
    method = await value(database, "SELECT id FROM payment_methods")
    async with renewing.statements.transaction() as tx:
        await charge(tx.connection, method)
    await refuse(api)

    async with renewing.statements.transaction() as tx:
        await charge(tx.connection, method, surplus_of=created["payment_id"])
    with pytest.raises(asyncpg.CheckViolationError):
        async with renewing.statements.transaction() as tx:
            await charge(tx.connection, method)
    with pytest.raises(asyncpg.CheckViolationError):
        await renewing.statements.fetch("UPDATE payments SET surplus_of = NULL WHERE surplus_of IS NOT NULL")


async def test_a_charge_that_may_have_left_is_named_and_never_sent_again_and_one_that_did_not_ends(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    await keep_a_card(api, office, renewing)
    method = await value(database, "SELECT id FROM payment_methods")
    async with renewing.statements.transaction() as tx:
        await charge(tx.connection, method)
        await tx.execute(
            "UPDATE payments SET first_sent_at = billing_now(), last_sent_at = billing_now(), outcome_unknown = true "
            "WHERE caller = 'raw'"
        )
        await tx.execute("UPDATE payments SET caller = 'sent' WHERE caller = 'raw'")
        await charge(tx.connection, method)

    receipt = await refuse(api)
    before = len(await office.creations())
    await renewing.statements.fetch(
        "UPDATE payments SET next_ask_at = billing_now() WHERE status = 'PENDING'"
    )
    await work_off(renewing)

    flying = receipt["charge_in_flight"]
    sent = await value(database, "SELECT id::text FROM payments WHERE caller = 'sent'")
    assert flying == {"payment_id": sent, "amount": "299.00", "currency": "RUB"}
    assert await value(database, "SELECT status FROM payments WHERE caller = 'raw'") == "CANCELED"
    assert await value(database, "SELECT request_body FROM payments WHERE caller = 'sent'") is None
    assert len(await office.creations()) == before
    with pytest.raises(asyncpg.CheckViolationError):
        await renewing.statements.fetch("UPDATE payments SET request_body = 'x' WHERE caller = 'sent'")


async def test_three_sessions_that_charge_beside_refusals_kill_none_of_them_and_get_nothing_through(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database, rounds: int
) -> None:
    for number in range(min(rounds, 8)):
        created = await order(api, Idempotency_Key=f"round-{number}")
        await office.pay(created)
        await work_off(renewing)
        method = await value(database, "SELECT id FROM payment_methods WHERE status = 'ACTIVE'")
        refused = asyncio.Event()

        async def keep_charging(method: object = method, refused: asyncio.Event = refused) -> list[bool]:
            connection = await asyncpg.connect(renewing.settings.database_url)
            late = []
            try:
                for _ in range(40):
                    was_refused = refused.is_set()
                    try:
                        await charge(connection, method)
                    except asyncpg.CheckViolationError:
                        break
                    late.append(was_refused)
            finally:
                await connection.close()
            return late

        charging = [asyncio.create_task(keep_charging()) for _ in range(3)]
        await asyncio.sleep(0.02)
        await refuse(api)
        refused.set()

        late = [each for one in charging for each in await one]
        assert not any(late)
    assert (
        await value(
            database, "SELECT count(*) FROM payments WHERE caller = 'raw' AND request_body IS NOT NULL"
        )
        == 0
    )
