"""Who was promised an answer about his money and has none is an alarm, a figure and a line of the doctor."""

from typing import Any

import pytest

from billing_service.alarms import service as alarms
from billing_service.kit.alarms import Alarm
from billing_service.kit.db import Database
from billing_service.operations import database_metrics
from billing_service.operations.doctor import examine
from billing_service.refund_requests import service as refund_requests
from billing_service.services import Services
from tests.ledger import rows, value
from tests.refund_requests.test_asking_for_money_back import DEED, ask, paid
from tests.stage import BackOffice, Clock, MainBackend, work_off

STANDING = "SELECT kind, facts, times FROM alarms WHERE resolved_at IS NULL"


async def figure(services: Services) -> float | None:
    return (await database_metrics.gather(services)).get_sample_value("billing_overdue_refund_requests")


async def doctor_says(services: Services) -> str | None:
    said = {finding.what: finding.trouble async for finding in examine(services)}
    return said["every refund request is answered in time"]


@pytest.fixture
async def asked(api: MainBackend, office: BackOffice, services: Services) -> dict[str, Any]:
    payment = await paid(api, office, services)
    await ask(api, payment)
    return payment


async def test_one_that_is_overdue_is_told_once_and_one_in_time_is_not(
    asked: dict[str, Any], services: Services, clock: Clock, database: Database
) -> None:
    await clock.advance(days=services.settings.refund_request_days, minutes=-5)
    await refund_requests.watch(services)
    in_time = [await rows(database, STANDING), await figure(services), await doctor_says(services)]
    await clock.advance(minutes=10)
    for _ in range(2):
        await refund_requests.watch(services)

    assert in_time == [[], 0, None]
    (alarm,) = await rows(database, STANDING)
    assert (alarm["kind"], alarm["facts"]["payment_id"], alarm["times"]) == (
        "refund_request_overdue",
        asked["payment_id"],
        1,
    )
    assert await figure(services) == 1
    assert await doctor_says(services) == "1 should have been by now: billing-service refund-requests list"


@pytest.mark.parametrize("way", ["refused", "refunded"])
async def test_once_it_is_answered_nothing_stands(
    asked: dict[str, Any], api: MainBackend, services: Services, clock: Clock, database: Database, way: str
) -> None:
    await clock.advance(days=services.settings.refund_request_days + 1)
    await refund_requests.watch(services)
    case = await value(database, "SELECT id FROM refund_requests")
    assert [row["kind"] for row in await rows(database, STANDING)] == ["refund_request_overdue"]

    if way == "refused":
        await api.internal("POST", f"refund-requests/{case}/refuse/", DEED)
    else:
        await api.refund(asked)
        await work_off(services)
    await refund_requests.watch(services)

    assert (await rows(database, STANDING), await figure(services), await doctor_says(services)) == (
        [],
        0,
        None,
    )
    assert await value(database, "SELECT count(*) FROM alarms WHERE resolved_at IS NOT NULL") == 1


@pytest.mark.usefixtures("asked")
async def test_an_alarm_about_something_else_is_left_alone(services: Services, database: Database) -> None:
    async with services.statements.transaction() as tx:
        await alarms.raise_once(tx, Alarm.LATE_SUCCESS, "one", was="CANCELED")
    await refund_requests.watch(services)

    assert [row["kind"] for row in await rows(database, STANDING)] == ["late_success"]
