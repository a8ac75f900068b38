"""A refused method is never charged again: no way leads around it."""

import asyncio
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import asyncpg
import pytest

from billing_service.kit.db import Database
from billing_service.services import Services
from tests.charges import charge
from tests.ledger import days_granted, rows, value
from tests.payment_methods.cards import CONSENT, delete, keep_a_card, order, refuse, shown
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off

AGREED = """
    INSERT INTO consents (id, user_id, document_version, plan_code, amount, currency, period_days, given_with, caller)
    VALUES ($1, $2, '2026-11', 'PRO_MONTHLY', 299, 'RUB', 30, 'consent', 'raw')
"""
GIVEN = """
    INSERT INTO subscription_periods (user_id, plan_code, cause, author, reason, days, granted_at, span)
    VALUES ($1, 'PRO_MONTHLY', 'grant', 'raw', 'raw', 30, billing_now(),
        tstzrange(billing_now(), billing_now() + interval '720 hours'))
"""
KEPT = """
    SELECT keep_payment_method(
        $1, $2, $3, '100500', true, 'sealed', $4, 'bank_card', 'Bank card *4444', '4444', 'Mir', '2030-11')
"""


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


async def test_who_agrees_anew_and_refuses_again_has_another_receipt(api: MainBackend) -> None:
    first = await refuse(api)
    await api.post("consents/", CONSENT | {"plan_code": "PRO_MONTHLY"})

    assert (await refuse(api))["receipt_id"] != first["receipt_id"]


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


async def test_nor_can_one_of_a_method_that_was_replaced_or_is_anothers(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    await keep_a_card(api, office, renewing)
    older = await value(database, "SELECT id FROM payment_methods")
    await office.pay(await order(api, Idempotency_Key="second"), "2202474301322987")
    await work_off(renewing)
    anothers = await _a_kept_card(renewing, 2002)

    for method in (older, anothers):
        with pytest.raises(asyncpg.CheckViolationError, match="may not be charged"):
            async with renewing.statements.transaction() as tx:
                await charge(tx.connection, method)


async def test_a_refusal_while_a_checkout_page_is_open_leaves_the_sale_and_keeps_no_card(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    created = await order(api)
    receipt, again = await refuse(api), await refuse(api)

    await office.pay(created)
    await work_off(renewing)

    assert again == receipt
    assert (receipt["autorenew_enabled"], receipt["charge_in_flight"]) == (False, None)
    assert await days_granted(database, USER) == 30
    assert await value(database, "SELECT count(*) FROM payment_methods") == 0


async def test_a_consent_that_was_withdrawn_by_itself_keeps_no_card_either(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    created = await order(api)
    [given] = (await api.get("consents/")).json()["results"]
    assert (await delete(api, f"consents/{given['consent_id']}/")).status_code == 200

    await office.pay(created)
    await work_off(renewing)

    assert await days_granted(database, USER) == 30
    assert (await shown(api))["is_attached"] is False


async def test_a_refusal_is_kept_with_who_passed_it_on_and_what_is_known_of_the_payer(
    api: MainBackend, database: Database
) -> None:
    await refuse(api, X_User_IP="203.0.113.7", X_User_Agent="Telegram")
    await refuse(api, 2002, X_User_IP="no address")

    assert await rows(
        database,
        "SELECT user_id, caller, payer_ip, payer_agent FROM payment_method_refusals ORDER BY user_id",
    ) == [
        {"user_id": USER, "caller": "dev", "payer_ip": "203.0.113.7", "payer_agent": "Telegram"},
        {"user_id": 2002, "caller": "dev", "payer_ip": None, "payer_agent": None},
    ]


async def test_a_charge_that_has_not_left_ends_with_the_refusal(
    api: MainBackend, office: BackOffice, renewing: Services, database: Database
) -> None:
    await keep_a_card(api, office, renewing)
    method = await value(database, "SELECT id FROM payment_methods")
    async with renewing.statements.transaction() as tx:
        await charge(tx.connection, method)

    assert (await refuse(api))["charge_in_flight"] is None
    assert await value(database, "SELECT status FROM payments WHERE caller = 'raw'") == "CANCELED"
    assert await value(database, "SELECT request_body FROM payments WHERE caller = 'raw'") is None


async def test_a_charge_that_may_have_left_is_named_and_never_sent_again(
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

    receipt = await refuse(api)
    before = len(await office.creations())
    await renewing.statements.fetch(
        "UPDATE payments SET next_ask_at = billing_now() WHERE status = 'PENDING'"
    )
    await work_off(renewing)

    flying = receipt["charge_in_flight"]
    sent = await value(database, "SELECT id::text FROM payments WHERE caller = 'raw'")
    assert flying == {"payment_id": sent, "amount": "299.00", "currency": "RUB"}
    assert await value(database, "SELECT request_body FROM payments WHERE caller = 'raw'") is None
    assert len(await office.creations()) == before
    with pytest.raises(asyncpg.CheckViolationError):
        await renewing.statements.fetch("UPDATE payments SET request_body = 'x' WHERE caller = 'raw'")


async def _a_kept_card(services: Services, user: int) -> UUID:
    """As a settlement keeps it, of a user who agreed."""
    consent, method = uuid4(), uuid4()
    async with services.statements.transaction() as tx:
        await tx.execute("INSERT INTO subscriptions (user_id) VALUES ($1)", user)
        await tx.execute(AGREED, consent, user)
        await tx.execute(GIVEN, user)
        assert await tx.value(KEPT, method, consent, user, [f"digest-of-{user}"]) == "kept"
    return method


async def _charge_until_refused(
    raw: asyncpg.Pool, user: int, method: UUID, refused: asyncio.Event
) -> list[bool]:
    """For every charge that was written down: whether the refusal had been answered before it was begun."""
    late = []
    async with raw.acquire() as connection:
        for _ in range(40):
            was_refused = refused.is_set()
            try:
                await charge(connection, method, user=user, status="CANCELED")
            except asyncpg.CheckViolationError:
                break
            late.append(was_refused)
    return late


@pytest.fixture
async def unbounded(database: Database) -> AsyncIterator[None]:
    """As many charges as anybody likes, so that nothing but the refusal is in the way of the next one."""
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE payments DISABLE TRIGGER charge_within_bounds")
    yield
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("ALTER TABLE payments ENABLE TRIGGER charge_within_bounds")


@pytest.mark.usefixtures("unbounded")
async def test_three_sessions_that_charge_beside_refusals_kill_none_of_them_and_get_nothing_through(
    api: MainBackend, renewing: Services, rounds: int
) -> None:
    """In the other order of locks the refusal dies of a deadlock: seen within a few rounds of these."""
    async with asyncpg.create_pool(renewing.settings.database_url, min_size=3, max_size=3) as raw:
        for user in range(1, 5 * rounds + 1):
            method, refused = await _a_kept_card(renewing, user), asyncio.Event()
            charging = [
                asyncio.create_task(_charge_until_refused(raw, user, method, refused)) for _ in range(3)
            ]
            await asyncio.sleep(user % 5 / 1000)
            await refuse(api, user)
            refused.set()

            late = [each for one in charging for each in await one]
            assert not any(late)
