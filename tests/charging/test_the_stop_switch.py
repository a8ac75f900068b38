"""Whether saved methods may be charged: whoever stops it stops it for all, and it is known who and why."""

from typing import Any

from structlog.testing import capture_logs

from billing_service.charging import service as charging
from billing_service.charging.models import Source
from billing_service.kit.db import Database
from billing_service.services import Services
from tests.ledger import rows, value
from tests.stage import MainBackend

STOP = {"charging": False, "author": "owner", "reason": "проверяем списания"}
START = {"charging": True, "author": "owner", "reason": "всё в порядке"}
CLAIM = f"SELECT {charging.MAY_CHARGE}"
DEEDS = "SELECT action, caller, author, reason FROM audit_log ORDER BY id"


async def deeds(database: Database) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in await rows(database, DEEDS)]


async def switch(api: MainBackend, wish: dict[str, Any]) -> dict[str, Any]:
    response = await api.internal("PUT", "charging/", wish)
    assert response.status_code == 200, response.text
    shown: dict[str, Any] = response.json()
    return shown


async def test_a_stop_is_seen_by_the_next_claim_and_tells_who_and_why(
    api: MainBackend, database: Database
) -> None:
    assert await value(database, CLAIM)

    shown = await switch(api, STOP)

    assert not await value(database, CLAIM)
    assert [(stop["source"], stop["author"], stop["reason"]) for stop in shown["stops"]] == [
        ("operator", "owner", "проверяем списания")
    ]
    assert shown["charging"] is False
    assert (await api.internal("GET", "charging/", None)).json() == shown


async def test_a_second_stop_changes_nothing_and_is_no_second_deed(
    api: MainBackend, database: Database
) -> None:
    first = await switch(api, STOP)

    assert await switch(api, STOP | {"reason": "ещё раз"}) == first
    assert await deeds(database) == [("charging.stopped", "dev", "owner", "проверяем списания")]


async def test_starting_lifts_every_stop_whoever_set_it(
    api: MainBackend, services: Services, database: Database
) -> None:
    await switch(api, STOP)
    async with services.statements.transaction() as tx:
        await charging.stop_because(tx, Source.AUDIT, "no more is refunded than was paid")
        await charging.stop_because(tx, Source.TRIP, "16 of 50 charges were declined")

    shown = await switch(api, START)

    assert shown["stops"] == []
    assert await value(database, CLAIM)
    assert await value(database, "SELECT details->'lifted' FROM audit_log ORDER BY id DESC LIMIT 1") == [
        "audit",
        "operator",
        "trip",
    ]


async def test_what_the_service_stops_by_itself_is_told_once_until_it_is_started_again(
    api: MainBackend, services: Services, database: Database
) -> None:
    async def trips() -> int:
        with capture_logs() as lines:
            async with services.statements.transaction() as tx:
                await charging.stop_because(tx, Source.TRIP, "16 of 50 charges were declined")
        return sum(line.get("kind") == "charging_stopped" for line in lines)

    assert [await trips(), await trips()] == [1, 0]
    assert not await value(database, CLAIM)
    await switch(api, START)
    assert await trips() == 1
    assert [deed[0] for deed in await deeds(database)] == [
        "charging.stopped",
        "charging.started",
        "charging.stopped",
    ]


async def test_without_the_setting_nobody_is_charged_although_nobody_stopped_it(
    api: MainBackend, services: Services
) -> None:
    shown = (await api.internal("GET", "charging/", None)).json()

    assert services.settings.billing_recurring_enabled is False
    assert (shown["charging"], shown["enabled"], shown["stops"]) == (False, False, [])
