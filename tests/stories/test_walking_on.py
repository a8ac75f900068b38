"""The walk goes on: past an object that it cannot compare, and after an interruption from where it was."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import enqueue_due
from billing_service.provider_calls.walking import BITE, walk, walk_to_now
from billing_service.services import Services
from billing_service.yookassa.client import YookassaClient
from tests.ledger import days_granted, rows, value
from tests.scratch import execute
from tests.stage import BackOffice, Clock, MainBackend, in_process, work_off
from tests.stories.silence import (
    LOSE_EVERY_ANSWER,
    LOSE_EVERY_NOTIFICATION,
    MONTH,
    as_sent,
    states,
    walk_to_the_end,
)
from tests.stories.test_walking_the_lists import FOREIGN

A_PAYMENT_THAT_CANNOT_BE_WRITTEN = """
    CREATE FUNCTION refuse_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
    CREATE TRIGGER refuse_it BEFORE UPDATE ON payments FOR EACH ROW WHEN (NEW.user_id = 1002)
        EXECUTE FUNCTION refuse_it()
"""
NOTHING_ARRIVES = [{"operation": "create_payment", "fault": "lost_before"}]
IT_CAN_AGAIN = "DROP TRIGGER refuse_it ON payments; DROP FUNCTION refuse_it()"


class Garbled(httpx.AsyncBaseTransport):
    """A provider in whose lists some objects look like nothing we know."""

    def __init__(self, provider: httpx.AsyncBaseTransport, ids: Iterable[str], **instead: object) -> None:
        self.provider, self.ids, self.instead = provider, set(ids), instead

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self.provider.handle_async_request(request)
        if request.url.path != "/v3/payments" or request.method != "GET":
            return response
        page = json.loads(await response.aread())
        items = [item | self.instead if item["id"] in self.ids else item for item in page["items"]]
        return httpx.Response(200, json=page | {"items": items}, request=request)


@asynccontextmanager
async def garbling(
    services: Services, office: BackOffice, *payments: dict[str, Any], **instead: object
) -> AsyncIterator[Services]:
    """The same services, for which these payments stand garbled in every list."""
    transport = Garbled(
        in_process(office.sandbox.app), (one["yookassa_payment_id"] for one in payments), **instead
    )
    async with YookassaClient(
        shop_id=services.settings.shop_id,
        secret_key=services.settings.api_key.get_secret_value(),
        api_url=services.settings.yookassa_api_url,
        transport=transport,
    ) as client:
        yield replace(services, yookassa=client)


async def three_paid_payments(api: MainBackend, office: BackOffice) -> list[dict[str, Any]]:
    """Of three users, and nobody told us."""
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    payments = [await api.buy("PRO_MONTHLY", user) for user in (1001, 1002, 1003)]
    for payment in payments:
        await office.pay(payment)
    return payments


@pytest.mark.parametrize(
    "instead", [{"test": "perhaps"}, {"amount": {"value": "1.5"}}, {"created_at": None}, {"status": 5}]
)
async def test_an_object_nobody_can_read_is_alarmed_by_its_id_and_the_others_are_compared(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
    instead: dict[str, Any],
) -> None:
    _, second, _ = await three_paid_payments(api, office)

    async with garbling(services, office, second, **instead) as garbled:
        await walk_to_the_end(garbled)
        await walk_to_the_end(garbled)

    alarms = [line for line in capsys.readouterr().out.splitlines() if "object_not_compared" in line]
    assert [await days_granted(database, user) for user in (1001, 1002, 1003)] == [30, 0, 30]
    assert len(alarms) == 1
    assert second["yookassa_payment_id"] in alarms[0]
    assert "unreadable" in alarms[0]


async def test_an_object_without_an_id_of_any_shape_stops_nothing_either(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    _, second, _ = await three_paid_payments(api, office)

    async with garbling(services, office, second, id={"card": "4276380012345678"}) as garbled:
        await walk_to_the_end(garbled)

    assert await days_granted(database, 1003) == 30
    assert await rows(database, "SELECT kind, facts->>'yookassa_payment_id' AS id FROM alarms") == [
        {"kind": "object_not_compared", "id": None}
    ]


async def test_a_payment_that_cannot_be_settled_is_alarmed_and_the_others_are_settled(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
) -> None:
    _, second, _ = await three_paid_payments(api, office)
    url = services.settings.database_url
    await execute(url, A_PAYMENT_THAT_CANNOT_BE_WRITTEN)
    try:
        with capture_logs() as lines:
            await walk_to_the_end(services)
    finally:
        await execute(url, IT_CAN_AGAIN)
    while_refused = [await days_granted(database, user) for user in (1001, 1002, 1003)]

    await walk_to_the_end(services)

    (alarm,) = [line for line in lines if line.get("kind") == "object_not_compared"]
    assert while_refused == [30, 0, 30]
    assert alarm["yookassa_payment_id"] == second["yookassa_payment_id"]
    assert await days_granted(database, 1002) == 30


async def test_a_capture_that_fails_is_alarmed_and_the_others_are_settled(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await office.call("PUT", "/faults", NOTHING_ARRIVES + LOSE_EVERY_NOTIFICATION)
    await api.post("create-payment/", MONTH, 1002)
    in_two_stages = as_sent(await value(database, "SELECT id FROM payments")).replace(b"true", b"false")
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await office.pay(await api.buy("PRO_MONTHLY", 1001))
    held = await services.yookassa.create_payment(in_two_stages, idempotence_key="two-stage")
    await office.pay({"yookassa_payment_id": held.id})
    await office.call("PUT", "/faults", [{"operation": "capture", "fault": "error_500"}])

    await walk_to_the_end(services)

    alarms = [line for line in capsys.readouterr().out.splitlines() if "object_not_compared" in line]
    assert await days_granted(database, 1001) == 30
    assert len(alarms) == 1
    assert held.id in alarms[0]


async def test_what_cannot_be_read_proves_no_absence(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    """It may be the very payment that is searched for."""
    await office.call("PUT", "/faults", LOSE_EVERY_ANSWER + LOSE_EVERY_NOTIFICATION)
    await api.post("create-payment/", MONTH)
    (created,) = await office.payments()
    await clock.advance(hours=22)
    doubtful = {"yookassa_payment_id": created["id"]}

    async with garbling(services, office, doubtful, test="perhaps") as garbled:
        for _ in range(3):
            await enqueue_due(garbled, PAYMENTS)
            await work_off(garbled)
            await clock.advance(hours=13)
    while_garbled = await states(database)
    await enqueue_due(services, PAYMENTS)
    await work_off(services)

    assert while_garbled == ["PENDING"]
    assert await value(database, "SELECT outcome_unknown FROM payments") is False
    assert await states(database) == ["PENDING"]


async def windows(office: BackOffice) -> list[tuple[datetime, datetime]]:
    """The spans of time whose payments were asked for, oldest question first."""
    requests = (await office.call("GET", "/requests?limit=1000"))["results"]
    asked = [one["query"] for one in reversed(requests) if one["operation"] == "list_payments"]
    return [
        (datetime.fromisoformat(one["created_at.gte"]), datetime.fromisoformat(one["created_at.lte"]))
        for one in asked
    ]


async def a_crowd(services: Services, office: BackOffice, size: int) -> None:
    """So many payments of another system, each of an instant of its own."""
    for number in range(size):
        await services.yookassa.create_payment(FOREIGN, idempotence_key=f"foreign-{number}")
        await office.call("POST", "/clock", {"advance_seconds": 0.01})


async def test_a_step_that_takes_several_goes_makes_progress_in_each(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await office.pay(await api.buy("PRO_MONTHLY"))
    await office.call("POST", "/clock", {"advance_seconds": 1})
    await a_crowd(services, office, 3 * BITE)
    await clock.advance(minutes=1)
    first = await value(database, "SELECT count(*) FROM list_walks")

    goes, marks = 0, set()
    while not (await walk(services, PAYMENTS, timedelta(days=3), lambda: False)).to_now:
        goes += 1
        marks.add(await value(database, "SELECT compared_until FROM list_walks"))
        assert goes < 10

    starts = {upper for _, upper in await windows(office)}
    assert first == 0
    assert goes == 3
    assert len(marks) == 1
    assert len(starts) == 4
    assert await days_granted(database, 1001) == 30
    assert await value(database, "SELECT step_until IS NULL AND left_until IS NULL FROM list_walks")


async def test_a_walk_that_is_killed_in_the_middle_goes_on_where_it_was(
    office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await a_crowd(services, office, 2 * BITE + 10)
    await clock.advance(minutes=1)
    walking = asyncio.create_task(walk(services, PAYMENTS, timedelta(days=3)))
    while not await value(database, "SELECT count(left_until) FROM list_walks"):  # noqa: ASYNC110
        await asyncio.sleep(0.001)
    walking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await walking
    left = await value(database, "SELECT left_until FROM list_walks")
    before = len(await windows(office))

    assert (await walk(services, PAYMENTS, timedelta(days=3))).seen <= BITE + 11

    _, asked_up_to = (await windows(office))[before]
    assert abs(asked_up_to - left.astimezone(UTC)) < timedelta(milliseconds=1)


async def test_a_crowd_of_one_instant_does_not_hold_up_a_walk_of_small_goes(
    office: BackOffice, services: Services, clock: Clock
) -> None:
    await office.call("POST", "/clock", {"freeze": True})
    for number in range(2 * BITE):
        await services.yookassa.create_payment(FOREIGN, idempotence_key=f"foreign-{number}")
    await office.call("POST", "/clock", {"freeze": False})
    await clock.advance(minutes=1)

    goes = 0
    while not (await walk(services, PAYMENTS, timedelta(days=3), lambda: False)).to_now:
        goes += 1
        assert goes < 5


async def test_an_interrupted_step_of_a_clock_that_was_ahead_is_begun_anew(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await walk_to_the_end(services)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(
            "UPDATE list_walks SET step_until = billing_now() + interval '2 days', "
            "left_until = billing_now() - interval '10 hours'"
        )
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    await office.pay(await api.buy("PRO_MONTHLY"))
    await clock.advance(minutes=1)

    await walk_to_the_end(services)

    assert await days_granted(database, 1001) == 30


async def test_a_walk_whose_time_is_up_says_that_there_is_more_and_one_that_is_stopped_too(
    services: Services,
) -> None:
    stopping = asyncio.Event()
    up = await walk_to_now(services, PAYMENTS, stopping, seconds=0)
    stopping.set()
    stopped = await walk_to_now(services, PAYMENTS, stopping)
    stopping.clear()

    assert (up, stopped, await walk_to_now(services, PAYMENTS, stopping)) == (False, False, True)
