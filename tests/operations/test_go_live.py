"""Whoever is about to sell is told what is wrong, what is not, and what nobody can see from here."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from ipaddress import ip_network
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.operations.findings import Finding
from billing_service.operations.go_live import database as of_the_database
from billing_service.operations.go_live import outside
from billing_service.operations.go_live import settings as of_the_settings
from billing_service.services import Services
from tests.events.receiver import Receiver, Says, receiving, told_of
from tests.scratch import execute, migrated_database
from tests.stage import BackOffice, Clock, MainBackend, work_off
from tests.webhooks.test_inbox import a_notification

LIVE: Mapping[str, Any] = {
    "billing_env": "prod",
    "yookassa_mode": "prod",
    "yookassa_shop_id_prod": "500501",
    "yookassa_api_key_prod": SecretStr("live_x"),
    "yookassa_api_url": "https://api.yookassa.ru/v3",
    "yookassa_return_url": "https://app.eatfit24.ru/subscription",
    "billing_admin_user_ids": frozenset({1}),
    "events_url": "https://main.invalid/events",
    "billing_recurring_enabled": False,
}
TABLES = "the tables are those of this release"
AUDITED = "yesterday was audited, and nothing was found"
ENDED = "what people begin to pay comes to an end"
NOTIFIED = f"YooKassa's notifications arrive at {of_the_database.NOTIFICATION_PATH}"
TAKES, REFUSES = (
    "the receiver of events takes what we sign",
    "the receiver of events refuses what others sign",
)
AN_AUDIT = """
    INSERT INTO daily_audits (day, is_full, feed_no, started_at, finished_at, report)
    VALUES (current_date - 1, false, 0, billing_now() - $1::interval, billing_now() - $1::interval, $2::jsonb)
"""


def networks(*written: str) -> tuple[Any, ...]:
    return tuple(ip_network(one) for one in written)


def live(settings: Settings, **changes: object) -> Settings:
    return settings.model_copy(update={**LIVE, **changes})


def test_nothing_is_wrong_with_the_settings_of_a_live_shop(settings: Settings) -> None:
    found = list(of_the_settings.findings(live(settings)))

    assert [one for one in found if one.trouble] == []
    assert [one.what for one in found if one.unchecked_because] == ["cards can be kept"]


@pytest.mark.parametrize(
    ("change", "what", "because"),
    [
        ({"billing_env": "dev"}, "it runs as in production", "BILLING_ENV is dev"),
        (
            {"yookassa_mode": "test"},
            "it sells in the live shop",
            "YOOKASSA_MODE is test: anybody pays there with a test card",
        ),
        (
            {"yookassa_api_key_prod": SecretStr("test_x")},
            "it sells in the live shop",
            "YOOKASSA_API_KEY_PROD does not begin with live_, as the key of a live shop does",
        ),
        (
            {"yookassa_api_url": "http://127.0.0.1:8010/v3"},
            "YooKassa is called through TLS",
            "YOOKASSA_API_URL is not https",
        ),
        (
            {"yookassa_return_url": "http://app.eatfit24.ru/"},
            "payers return through TLS",
            "YOOKASSA_RETURN_URL is not https",
        ),
        (
            {"webhook_allowed_networks": networks("185.71.76.0/24", "185.71.77.0/27", "77.75.153.0/25")},
            "every network of YooKassa may notify us",
            "WEBHOOK_ALLOWED_NETWORKS lacks 77.75.154.128/25, 77.75.156.11/32, 77.75.156.35/32, 2a02:5180::/32",
        ),
    ],
)
def test_what_is_set_so_for_trying_out_is_wrong_where_people_pay(
    settings: Settings, change: dict[str, Any], what: str, because: str
) -> None:
    wrong = [one for one in of_the_settings.findings(live(settings, **change)) if one.trouble]

    assert wrong == [Finding(what, because)]


@pytest.mark.parametrize(
    ("change", "what", "because"),
    [
        (
            {"events_url": None},
            "the main backend is told what happens",
            "EVENTS_URL is blank: it has to read the feed",
        ),
        (
            {"billing_admin_user_ids": frozenset()},
            "somebody may try the shop for one rouble",
            "BILLING_ADMIN_USER_IDS is blank",
        ),
    ],
)
def test_what_is_left_out_on_purpose_is_said_to_be_so(
    settings: Settings, change: dict[str, Any], what: str, because: str
) -> None:
    assert Finding(what, because) in of_the_settings.findings(live(settings, **change))


async def test_a_new_installation_is_told_what_nobody_can_know_yet(services: Services) -> None:
    found = {one.what: one async for one in of_the_database.findings(services)}

    assert [one for one in found.values() if one.trouble] == []
    assert [one.what for one in found.values() if one.unchecked_because] == [AUDITED, ENDED, NOTIFIED]


@pytest.mark.parametrize(
    "sql",
    [
        "DROP INDEX ix_payments_open_of_user",
        "ALTER TABLE refunds DROP COLUMN caller CASCADE",
        "DROP TABLE daily_usage CASCADE",
    ],
)
async def test_tables_of_another_shape_are_found(services: Services, settings: Settings, sql: str) -> None:
    async with migrated_database(settings.database_url) as url:
        own = Database(url, pool_size=1)
        as_made = await of_one(replace(services, db=own), TABLES)
        await execute(url, sql)

        changed = await of_one(replace(services, db=own), TABLES)
        await own.close()

    assert as_made.verdict == "ok"
    assert (changed.trouble or "").startswith("they differ: ")


async def test_a_database_that_is_away_is_said_of_each_thing(services: Services) -> None:
    away = Database("postgresql://billing@127.0.0.1:1/billing", pool_size=1)

    found = [one async for one in of_the_database.findings(replace(services, db=away))]
    await away.close()

    assert {one.verdict for one in found} == {"wrong"}
    assert all(one.because and one.because.startswith("cannot be examined: the database") for one in found)


@pytest.mark.parametrize(
    ("hours", "broken", "verdict", "because"),
    [
        (1, {}, "ok", None),
        (40, {}, "wrong", "the last audit ended 40 hours ago"),
        (1, {"a rule": ["x"]}, "wrong", "1 rules are broken: billing-service audit"),
    ],
)
async def test_an_audit_that_is_old_or_found_something_is_named(
    services: Services, hours: int, broken: dict[str, list[str]], verdict: str, because: str | None
) -> None:
    async with services.statements.transaction() as tx:
        await tx.value(AN_AUDIT, timedelta(hours=hours), json.dumps({"findings": broken}))

    found = await of_one(services, AUDITED)

    assert found.verdict == verdict
    assert found.because is None if because is None else str(found.because).startswith(because)


async def test_payments_that_stay_open_are_found(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    paid, left = await api.buy(user=1), await api.buy(user=2)
    await office.pay(paid)
    await work_off(services)
    await clock.advance(hours=3)
    open_one = await of_one(services, ENDED)
    await office.pay(left)
    await work_off(services)

    assert open_one == Finding(ENDED, "1 of 2 are still open")
    assert (await of_one(services, ENDED)).verdict == "ok"


async def test_a_notification_that_came_shows_that_they_come(api: MainBackend, services: Services) -> None:
    await api.notify(a_notification(str(uuid4())))

    assert (await of_one(services, NOTIFIED)).verdict == "ok"


async def test_a_receiver_that_verifies_is_right(services: Services) -> None:
    async with receiving() as receiver:
        found = await of_the_receiver(services, receiver)

    assert [found[TAKES].verdict, found[REFUSES].verdict] == ["ok", "ok"]
    (heard,) = receiver.heard
    assert (heard["type"], heard["user_id"], heard["data"]) == ("installation.checked", None, {})


async def test_a_receiver_that_believes_anybody_is_found(services: Services) -> None:
    async with receiving() as receiver:
        receiver.takes_whatever_comes = True
        found = await of_the_receiver(services, receiver)

    assert found[TAKES].verdict == "ok"
    assert found[REFUSES].trouble == "it took an event whose signature is wrong: anybody may tell it anything"


async def test_a_receiver_that_does_not_take_ours_is_found_and_proves_nothing_by_refusing(
    services: Services,
) -> None:
    async def broken(_event: dict[str, Any]) -> Says:
        return Says(500)

    async with receiving() as receiver:
        receiver.answer = broken
        found = await of_the_receiver(services, receiver)

    assert found[TAKES].trouble == "it answers 500"
    assert found[REFUSES].unchecked_because == "it takes nothing at all"


async def test_a_provider_whose_clock_is_another_is_found(services: Services) -> None:
    async with a_provider(format_datetime(datetime.now(UTC) - timedelta(minutes=5), usegmt=True)) as address:
        late = await of_the_provider(services, address)
    async with a_provider(format_datetime(datetime.now(UTC), usegmt=True)) as address:
        right = await of_the_provider(services, address)
    async with a_provider("never") as address:
        silent = await of_the_provider(services, address)

    assert [one.verdict for one in late] == ["ok", "wrong"]
    assert [one.verdict for one in right] == ["ok", "ok"]
    assert [one.verdict for one in silent] == ["ok", "not checked"]


async def test_a_provider_that_is_away_is_found(services: Services) -> None:
    answers, clock = await of_the_provider(services, "http://127.0.0.1:1/v3")

    assert (answers.verdict, clock.verdict) == ("wrong", "not checked")


async def of_one(services: Services, what: str) -> Finding:
    (found,) = [one async for one in of_the_database.findings(services) if one.what == what]
    return found


async def of_the_receiver(services: Services, receiver: Receiver) -> dict[str, Finding]:
    return {one.what: one async for one in outside.findings(told_of(services, receiver))}


async def of_the_provider(services: Services, address: str) -> list[Finding]:
    settings = services.settings.model_copy(update={"yookassa_api_url": address, "events_url": None})
    return [one async for one in outside.findings(replace(services, settings=settings))]


@asynccontextmanager
async def a_provider(date: str) -> AsyncIterator[str]:
    """Answers 401 to whoever has no key, at this time of its own."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            f"HTTP/1.1 401 -\r\ndate: {date}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
        )
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v3"
    server.close()
