"""Whoever had days here before his old rows came: he keeps both, and what he paid there long ago is used, not given."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.legacy.exporting import statements
from billing_service.legacy.importing import import_all
from billing_service.services import Services
from tests.ledger import rows, value
from tests.legacy.conftest import AtTheProvider, Move
from tests.legacy.old import MONTH_ENDS, NOW, OldService, days
from tests.legacy.ours import access, content, violations
from tests.payments.test_live_test_payment import ADMIN, ROUTE, execute, selling_live
from tests.stage import BackOffice, MainBackend, WebApp, work_off
from tests.user_moves.moving import ahead, give, moved

EVENTS = (
    "SELECT kind, state ->> 'access_until' AS until FROM outbox_events WHERE user_id = 1 ORDER BY written_no"
)


async def test_who_was_given_days_before_the_import_has_both_and_is_asked_for_nothing_used(
    api: MainBackend,
    database: Database,
    services: Services,
    old: OldService,
    move: Move,
    at_the_provider: AtTheProvider,
) -> None:
    await old.user(1, "PRO_MONTHLY", starts=NOW - days(100), ends=MONTH_ENDS)
    for ago in (100, 70, 40, 10):
        await old.payment(1, at=NOW - days(ago), yookassa_payment_id=await at_the_provider(1))
    await give(api, 1, 3)

    imported = await move()
    await work_off(services)

    assert (await access(database))[1] - (MONTH_ENDS + days(3)) < timedelta(minutes=1)
    assert imported.proof.is_whole
    assert await violations(database) == {}


async def test_who_was_given_days_goes_back_with_both(
    api: MainBackend, services: Services, database: Database, old: OldService, move: Move
) -> None:
    await old.user(1, "PRO_MONTHLY", ends=MONTH_ENDS)
    await old.user(2, "PRO_MONTHLY", starts=NOW - days(40), ends=NOW - days(10))
    await give(api, 1, 3)
    await give(api, 2, 3)
    await give(api, 3, 3)
    await move()
    before = await content(database)

    await move()

    assert await content(database) == before
    for line in [one async for one in statements(services, old.schema)]:
        await old.says(line)
    there = await old.connection.fetch("SELECT user_id, end_date FROM subscriptions ORDER BY user_id")
    here = await access(database)
    assert {row["user_id"]: row["end_date"] for row in there} == here
    await old.says("UPDATE subscriptions SET end_date = end_date + interval '30 days' WHERE user_id = 3")
    await move()
    assert await access(database) == here


async def test_what_the_way_back_wrote_into_an_older_row_comes_back_as_no_days(
    api: MainBackend,
    services: Services,
    database: Database,
    office: BackOffice,
    old: OldService,
    move: Move,
) -> None:
    await old.user(1)
    await office.pay(await api.buy(user=1))
    await work_off(services)
    for line in [one async for one in statements(services, old.schema)]:
        await old.says(line)
    before = await access(database)
    await old.says("UPDATE subscriptions SET end_date = end_date + interval '30 days'")

    await move()

    assert await access(database) == before
    assert await violations(database) == {}


async def test_who_became_a_number_that_comes_later_has_the_days_of_both(
    api: MainBackend, database: Database, old: OldService, move: Move
) -> None:
    await old.user(1, "PRO_MONTHLY", ends=NOW + days(9))
    await move()
    await moved(api, 1, 2)
    await old.user(2, "PRO_MONTHLY", ends=MONTH_ENDS)
    await old.payment(2, at=NOW - days(40))

    await move()

    left, now = await ahead(database, 2), datetime.now(UTC)
    assert abs(left - ((MONTH_ENDS - now) + (NOW + days(9) - now))) < timedelta(minutes=1)
    assert await value(database, "SELECT bool_and(imported) FROM payments WHERE user_id = 2")
    assert await violations(database) == {}


async def test_an_administrators_rouble_is_no_reason_to_leave_his_access_behind(
    services: Services, web: WebApp, database: Database, office: BackOffice, old: OldService
) -> None:
    await office.call("PUT", "/shop", {"test": False})
    live = selling_live(services)
    web.app = create_app(live.settings, live)
    async with MainBackend.calling(web) as backend:
        await office.pay((await backend.post(ROUTE, {}, ADMIN)).json())
        await work_off(live)
        assert (await backend.me(ADMIN))["plan_code"] == "TEST_LIVE"
        await old.user(ADMIN, "PRO_YEARLY", ends=MONTH_ENDS)

        await import_all(live, old.url, schema=old.schema, tell=lambda _: None)

        assert (await backend.me(ADMIN))["plan_code"] == "PRO_YEARLY"
    assert (await access(database))[ADMIN] == MONTH_ENDS
    assert await violations(database) == {}


async def test_who_comes_back_there_between_two_imports_is_told_of_again(
    database: Database, old: OldService, move: Move
) -> None:
    await old.user(1, "PRO_MONTHLY", starts=NOW - days(40), ends=NOW - days(10))
    await move()
    await old.says("UPDATE subscriptions SET start_date = $1, end_date = $2", NOW - days(1), MONTH_ENDS)

    await move()
    await move()

    told = await rows(database, EVENTS)
    assert [one["kind"] for one in told] == ["subscription.imported", "subscription.imported"]
    assert told[-1]["until"] == MONTH_ENDS.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


async def test_a_card_that_its_owner_agreed_to_here_is_replaced_by_no_import(
    services: Services, database: Database, old: OldService, move: Move
) -> None:
    await old.user(1, "PRO_MONTHLY", ends=MONTH_ENDS, card="pm-1")
    await move()
    await _agree_to_be_charged(services)
    before = await rows(database, "SELECT id, status FROM payment_methods")
    await old.says("UPDATE subscriptions SET yookassa_payment_method_id = 'pm-2'")

    await move()

    assert await rows(database, "SELECT id, status FROM payment_methods") == before


async def test_whose_card_ended_here_is_given_no_other_one_by_an_import(
    services: Services, database: Database, old: OldService, move: Move
) -> None:
    await old.user(1, "PRO_MONTHLY", ends=MONTH_ENDS, card="pm-1")
    await move()
    await _agree_to_be_charged(services)
    await execute(
        database, "UPDATE payment_methods SET status = 'ENDED', sealed_id = NULL, ended_at = billing_now()"
    )
    await old.says("UPDATE subscriptions SET yookassa_payment_method_id = 'pm-2'")

    await move()

    assert await rows(database, "SELECT status FROM payment_methods") == [{"status": "ENDED"}]


async def _agree_to_be_charged(services: Services) -> None:
    renewing = services.settings.model_copy(update={"billing_recurring_enabled": True})
    async with MainBackend.calling(create_app(renewing, replace(services, settings=renewing))) as api:
        await api.post("consents/", {"plan_code": "PRO_MONTHLY", "document_version": "2026-11"}, 1)
        agreed = await api.post("subscription/autorenew/", {"enabled": True}, 1)
        assert agreed.json()["autorenew_enabled"] is True
