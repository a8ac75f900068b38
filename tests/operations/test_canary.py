"""The canary: who has paid is asked about over HTTP, as the main backend does, and whoever is not PRO is named."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import uuid4

import pytest
from pydantic import SecretStr

from billing_service.config import DEV_TOKEN
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.observability.metrics import REGISTRY
from billing_service.operations import canary
from billing_service.services import Services
from tests.ledger import rows
from tests.stage import USER, BackOffice, Clock, MainBackend, buy_and_pay, in_process, work_off

Answer = Callable[[httpx.Request], httpx.Response]


def counted() -> dict[str, float]:
    return {
        outcome: REGISTRY.get_sample_value("billing_canary_users_total", {"outcome": outcome}) or 0
        for outcome in ("pro", "free", "unanswered")
    }


async def look(services: Services, transport: httpx.AsyncBaseTransport) -> dict[str, float]:
    """What one look adds to the figure."""
    on = {"canary_url": "http://billing", "canary_token": SecretStr(DEV_TOKEN)}
    looking = replace(services, settings=services.settings.model_copy(update=on))
    before = counted()
    await canary.ask(looking, transport)
    return {name: value - before[name] for name, value in counted().items() if value != before[name]}


async def alarmed(database: Database) -> list[str]:
    return [row["subject"] for row in await rows(database, "SELECT subject FROM alarms ORDER BY subject")]


async def paid(api: MainBackend, office: BackOffice, services: Services, user: int = USER) -> dict[str, Any]:
    return await buy_and_pay(api, office, services, user=user, Idempotency_Key=uuid4().hex)


async def test_who_has_paid_is_pro_through_the_whole_service(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    """Whose money went back and whose days are over is asked about no more."""
    for user in (USER, 1002):
        await paid(api, office, services, user)
    returned = await paid(api, office, services, 1003)
    await api.refund(returned)
    await work_off(services)

    assert await look(services, in_process(api.transport_to)) == {"pro": 2}
    assert await alarmed(database) == []
    await clock.advance(days=31)
    assert await look(services, in_process(api.transport_to)) == {}


async def test_who_has_paid_and_is_free_is_named_in_an_alarm_once(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    """His span was moved away by hand, which no rule of ours forbids a person with a console."""
    await paid(api, office, services)
    await paid(api, office, services, 1002)
    away = "UPDATE subscription_periods SET span = tstzrange(lower(span) + interval '40 days', "
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(away + "upper(span) + interval '40 days') WHERE user_id = 1002")

    for _ in range(2):
        assert await look(services, in_process(api.transport_to)) == {"pro": 1, "free": 1}

    assert await alarmed(database) == ["1002"]


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: httpx.Response(503),
        lambda _: httpx.Response(200, text="<html>"),
        lambda _: httpx.Response(200, json=[]),
        lambda _: httpx.Response(200, json={"results": [None]}),
    ],
)
async def test_no_answer_is_counted_and_accuses_nobody(
    api: MainBackend, office: BackOffice, services: Services, database: Database, answer: Answer
) -> None:
    await paid(api, office, services)

    assert await look(services, httpx.MockTransport(answer)) == {"unanswered": 1}
    assert await alarmed(database) == []


async def test_money_that_goes_back_meanwhile_is_no_alarm(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await paid(api, office, services)

    async def refund_first(request: httpx.Request) -> httpx.Response:
        await api.refund(payment)
        await work_off(services)
        return await in_process(api.transport_to).handle_async_request(request)

    assert await look(services, httpx.MockTransport(refund_first)) == {}
    assert await alarmed(database) == []


async def test_it_is_off_unless_it_is_told_where(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    await paid(api, office, services)
    before = counted()

    await canary.ask(services, httpx.MockTransport(lambda _: httpx.Response(500)))

    assert counted() == before
