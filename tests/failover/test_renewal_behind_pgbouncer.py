"""A month that renews itself, told and charged through a PgBouncer in transaction mode that has two connections."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from billing_service.app import create_app
from billing_service.charging import service as charging
from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.kit.statement_pool import StatementPool
from billing_service.services import Services
from tests.failover.bouncer import bouncing
from tests.ledger import value
from tests.renewals.actors import Renewals
from tests.stage import BackOffice, Clock, MainBackend, WebApp, that_renews

CONNECTIONS = 2


@pytest.fixture
async def pooled(services: Services, settings: Settings, repository: Path) -> AsyncIterator[Services]:
    """The service, whose every statement but the queue's goes through the pooler."""
    ini = repository / "deploy/pgbouncer.ini"
    taking_turns = {"default_pool_size": str(CONNECTIONS), "server_round_robin": "1"}
    with bouncing(settings.database_url, ini, **taking_turns) as url:
        db = Database(url, pool_size=10, pooled=True)
        statements = StatementPool(url, pool_size=10, pooled=True)
        renewing = that_renews(replace(services, db=db, statements=statements))
        await charging.follow_setting(renewing)
        yield renewing
        await statements.close()
        await db.close()


@pytest.fixture
async def renewals(
    pooled: Services, web: WebApp, office: BackOffice, clock: Clock, database: Database
) -> AsyncIterator[Renewals]:
    web.app = create_app(pooled.settings, pooled)
    async with MainBackend.calling(web) as api:
        yield Renewals(api, office, pooled, clock, database)


async def test_who_was_told_is_charged_once_when_it_is_due(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.due_tomorrow()
    assert await renewals.charges() == []

    await renewals.pass_time(hours=2)
    await renewals.work()

    [charge] = await renewals.charges()
    assert (charge["status"], charge["amount"]) == ("SUCCEEDED", "299.00")
    assert await renewals.pro_days_left() == pytest.approx(31, abs=0.1)


async def test_a_card_that_is_declined_there_grants_nothing(renewals: Renewals) -> None:
    await renewals.subscribe()
    await renewals.due_tomorrow()
    await renewals.declines("insufficient_funds")

    await renewals.pass_time(hours=2)

    [charge] = await renewals.charges()
    assert (charge["status"], charge["cancellation_reason"]) == ("CANCELED", "insufficient_funds")
    assert await value(renewals.database, "SELECT count(*) FROM subscription_periods") == 1
