"""One clock: what is stored anywhere is stored by `billing_now()`, so that months can pass in a test, and do."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest

from billing_service.alarms import service as alarms
from billing_service.app import create_app
from billing_service.audit.service import Deed
from billing_service.grant_batches import service as grant_batches
from billing_service.grant_batches.queries import Audience
from billing_service.grant_batches.service import Wish
from billing_service.kit.alarms import Alarm
from billing_service.kit.db import Database
from billing_service.operations import daily_audit
from billing_service.receipts import shop
from billing_service.renewals.queries import take_from_hour
from billing_service.resolutions import service as resolutions
from billing_service.resolutions.decisions import Decision, Verb
from billing_service.schema.tables import OURS, PINNED
from billing_service.services import Services
from billing_service.staff import service as staff
from billing_service.staff.roles import Role
from billing_service.webhooks import service as webhooks
from tests.admin.visitor import Person, hire, with_panel
from tests.charges import charge
from tests.events.receiver import Says, deliver, receiving, told_of
from tests.ledger import rows, value
from tests.payment_methods.cards import CONSENT, keep_a_card, order, refuse
from tests.stage import USER, BackOffice, Clock, MainBackend, that_renews, work_off
from tests.stories.silence import pass_time, walk_to_the_end

TURNED_BY = timedelta(days=400)
DEED = {"author": "support", "reason": "жалоба"}
# Seeded by a migration, or by the first start; of the machine's own clock, so that a turned one ends no worker's life.
ELSEWHERE = {"subscription_plans", "schema_compatibility", "shop_in_force", "worker_heartbeats"}
INSTANTS = """
    SELECT table_name AS "table", column_name AS "column" FROM information_schema.columns
    WHERE table_schema = 'public' AND data_type = 'timestamp with time zone' AND table_name = ANY(:tables)
"""


@pytest.fixture
async def services(services: Services) -> Services:
    """The same, of a self-employed person's shop."""
    settings = services.settings.model_copy(update={"npd_since": date(2026, 1, 1)})
    return replace(services, settings=settings)


@pytest.fixture
async def a_day_in_a_year(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock, database: Database
) -> None:
    """Something of everything that the service writes down, with the clock turned by 400 days."""
    await clock.advance(seconds=TURNED_BY.total_seconds())
    await office.call("POST", "/clock", {"advance_seconds": TURNED_BY.total_seconds()})
    await _buy_and_give_back(api, office, services)
    await _be_refused(api, office, services, clock)
    await _use_photos(api)
    await _give_and_take_back(api, services)
    await _keep_and_refuse_a_card(office, that_renews(services))
    await _contradict(api, office, services, database)
    await _stop_charging_and_keep_the_register(api)
    await _send_receipts(api, office, services)
    await walk_to_the_end(services)
    await _use_the_panel(services)
    await _tell(api, services)
    await daily_audit.audit(services, day=None, is_full=False, tell=lambda _: None)


async def _use_the_panel(services: Services) -> None:
    """Somebody takes an alarm in hand, and somebody is sent away."""
    served = with_panel(services)
    for name in ("anna", "boris"):
        await hire(served, name, Role.SUPPORT)
    async with Person.at(served) as anna:
        await anna.sign_in("anna")
        async with services.statements.transaction() as tx:
            await alarms.raise_first(tx, Alarm.NPD_LIMIT_NEAR, "2027")
        assert (await anna.do("acknowledge-alarm", "npd_limit_near:2027")).status_code == 200
    await staff.disable(served, "boris", Deed("cli", "owner", "ушёл", ""))


async def _tell(api: MainBackend, services: Services) -> None:
    """All but one user's events arrive; one is to be sent once more, and that fails."""
    async with receiving() as receiver:

        async def answer(event: dict[str, Any]) -> Says:
            return Says(200 if event["user_id"] == USER and len(receiver.heard) < 100 else 500)

        receiver.answer = answer
        told = told_of(services, receiver)
        await deliver(told)
        arrived = next(event["id"] for event in receiver.heard if event["user_id"] == USER)
        await api.internal("POST", f"events/{arrived}/replay/")
        receiver.heard *= 100
        await deliver(told)


async def _send_receipts(api: MainBackend, office: BackOffice, services: Services) -> None:
    """Of a sale and of a part that goes back; neither is registered yet."""
    await office.call("PUT", "/shop", {"fiscalization": True})
    await office.call("PUT", "/faults", [{"operation": "register_receipt", "fault": "stay_pending"}])
    await shop.ask(services)
    wish = {"plan_code": "PRO_MONTHLY", "receipt_contact": {"email": "payer@example.ru"}}
    paid = (await api.post("create-payment/", wish, 1003, Idempotency_Key="receipt")).json()
    await office.pay(paid)
    await work_off(services)
    await api.refund(paid, "100.00")
    await work_off(services)
    await office.call("PUT", "/faults", [])


async def _buy_and_give_back(api: MainBackend, office: BackOffice, services: Services) -> None:
    paid = await api.buy("PRO_MONTHLY", Idempotency_Key="paid")
    await office.pay(paid)
    await work_off(services)
    asked = await api.post(f"payments/{paid['payment_id']}/refund-request/", {"reason": "не пользуюсь"})
    assert asked.status_code == 201, asked.text
    await office.call("PUT", "/faults", [{"operation": "create_refund", "fault": "lost_after"}])
    await api.refund(paid, "100.00")
    await office.call("PUT", "/faults", [])


async def _be_refused(api: MainBackend, office: BackOffice, services: Services, clock: Clock) -> None:
    await office.decline(await api.buy("PRO_MONTHLY", Idempotency_Key="declined"), "insufficient_funds")
    await work_off(services)
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "lost_before"}])
    await api.post("create-payment/", {"plan_code": "PRO_MONTHLY"}, 1002)
    for _ in range(2):
        await pass_time(clock, office, services, hours=22)
    await office.call("PUT", "/faults", [])


async def _use_photos(api: MainBackend) -> None:
    answers = [await api.reserve(name) for name in ("counted", "given-back", "held")]
    answers += [await api.commit("counted"), await api.release("given-back")]
    answers.append(await api.internal("POST", f"users/{USER}/usage/reset", DEED))
    assert {answer.status_code for answer in answers} == {200}


async def _give_and_take_back(api: MainBackend, services: Services) -> None:
    gift = {"plan_code": "PRO_MONTHLY", "days": 3} | DEED
    given = await api.http.post(
        f"/internal/v1/users/{USER}/grants/", json=gift, headers={"Idempotency-Key": "one"}
    )
    await api.internal("POST", f"grants/{given.json()['grant_id']}/revoke/", DEED)
    wish = Wish("outage", Audience("two", user_ids=(USER, 1007)), "PRO_MONTHLY", 2)
    deed = Deed("cli", "owner", "сбой", "")
    begun = await grant_batches.begin(services, wish, deed)
    assert len([one async for one in grant_batches.give(services, begun, deed)]) == 2
    assert len([one async for one in grant_batches.revoke(services, begun, deed)]) == 2
    moved = await api.internal("POST", "users/1007/move-to/1008/", DEED)
    assert moved.status_code == 200, moved.text


async def _keep_and_refuse_a_card(office: BackOffice, services: Services) -> None:
    user = 1004
    async with MainBackend.calling(create_app(services.settings, services)) as api:
        await keep_a_card(api, office, services, user=user)
        on = await api.post("subscription/autorenew/", {"enabled": True}, user)
        bound = await api.post("bind-card/start/", {"consent": CONSENT}, user)
        async with services.statements.transaction() as tx:
            method = await tx.value("SELECT id FROM payment_methods WHERE user_id = $1", user)
            await charge(tx.connection, method, user=user)
            await take_from_hour(tx, Decimal(299), most=Decimal(1000))
        await keep_a_card(api, office, services, user=1006)
        await api.post("subscription/autorenew/", {"enabled": True}, 1006)
        await refuse(api, user)
        await office.call("PUT", "/shop", {"recurring": False})
        unbound = await api.post("bind-card/start/", {"consent": CONSENT}, 1006)
        sold = await order(api, user)
        await office.call("PUT", "/shop", {"recurring": True})
    assert (on.status_code, bound.status_code, unbound.status_code) == (200, 201, 409)
    assert sold["not_saved_because"] == "RECURRING_NOT_AVAILABLE"


async def _stop_charging_and_keep_the_register(api: MainBackend) -> None:
    await api.internal("PUT", "charging", {"charging": False} | DEED)
    register = (await api.internal("GET", "npd/register")).json()["results"]
    receipt = {"number": "200abcd1ef", "link": None, "author": "owner"}
    answer = await api.internal("POST", f"npd/register/{register[0]['entry_id']}/registered", receipt)
    assert answer.status_code == 200, answer.text


async def _contradict(api: MainBackend, office: BackOffice, services: Services, database: Database) -> None:
    payment = await api.buy("PRO_MONTHLY", 1003)
    await office.misreport(payment, amount={"value": "1.00", "currency": "RUB"})
    await office.pay(payment)
    await work_off(services)
    await api.notify(
        {
            "type": "notification",
            "event": "payment.succeeded",
            "object": {"id": str(uuid4()), "status": "succeeded"},
        }
    )
    newest = await value(database, "SELECT max(id) FROM webhook_logs")
    deed = Deed("cli", "owner", "чужая", "")
    await webhooks.close(services, newest, deed)
    await resolutions.resolve(services, Decision(payment["payment_id"], Verb.DISMISS, deed))


@pytest.mark.usefixtures("a_day_in_a_year")
async def test_with_the_clock_turned_every_stored_instant_of_every_table_follows_it(
    database: Database,
) -> None:
    tables = {*PINNED, *OURS} - ELSEWHERE
    columns = await rows(database, INSTANTS, tables=sorted(tables))
    now = await value(database, "SELECT billing_now()")

    found = {f"{one['table']}.{one['column']}": await _instants(database, **one) for one in columns}

    left_behind = {name: instants for name, instants in found.items() if _is_left_behind(instants, now)}
    assert left_behind == {}
    assert {name for name, instants in found.items() if not instants} == {
        # Only while a step of a walk is interrupted, or a request on its way.
        *("list_walks.step_until", "list_walks.left_until"),
        *("payments.send_lease_until", "refunds.send_lease_until", "card_bindings.send_lease_until"),
        # Written by the same statement as that of the payments.
        *("refunds.absent_since", "card_bindings.absent_since"),
        # Only where the service before this one was taken over; the dates are that service's own.
        *("legacy_imports.started_at", "legacy_imports.finished_at", "legacy_access.imported_at"),
        *("legacy_access.start_date", "legacy_access.end_date"),
        # Only while a day is being audited.
        *("daily_audit_sides.begun_at", "daily_audit_sides.left_until"),
        # Only while an event is on its way.
        *("event_streams.leased_until", "event_replays.leased_until"),
    }


async def _instants(database: Database, *, table: str, column: str) -> list[datetime]:
    found: list[dict[str, Any]] = await rows(
        database,
        f"SELECT {column} AS instant FROM {table} WHERE {column} IS NOT NULL",  # noqa: S608
    )
    return [one["instant"] for one in found]


def _is_left_behind(instants: list[datetime], now: datetime) -> bool:
    """The story took some days, so whatever is older was stored by a clock that was not turned."""
    return any(instant < now - timedelta(days=30) for instant in instants)


@pytest.mark.usefixtures("a_day_in_a_year")
async def test_with_the_clock_turned_spans_days_and_holds_follow_it_too(database: Database) -> None:
    now = await value(database, "SELECT billing_now()")
    spans = await rows(
        database, "SELECT lower(span) AS begins FROM subscription_periods WHERE NOT isempty(span)"
    )
    days = await rows(database, "SELECT (date - billing_now()::date) AS behind FROM daily_usage")
    holds = await rows(
        database,
        "SELECT (hold.value ->> 1)::float8 - extract(epoch FROM billing_now()) AS ends_in "
        "FROM daily_usage, jsonb_each(holds) hold",
    )

    assert [one for one in spans if one["begins"] < now - timedelta(days=30)] == []
    assert {abs(one["behind"]) <= 1 for one in days} == {True}
    assert {0 < one["ends_in"] < timedelta(hours=1).total_seconds() for one in holds} == {True}
