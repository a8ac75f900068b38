"""The database's own clock is wrong, then right again: nobody who paid is without his days, and nothing sleeps."""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

import pytest

from billing_service.app import create_app
from billing_service.dev.folders import held, usable_folder
from billing_service.dev.postgres import Postgres
from billing_service.kit.db import Database
from billing_service.kit.statement_pool import StatementPool
from billing_service.operations import clock_watch
from billing_service.sandbox.app import Sandbox
from billing_service.services import Services
from tests.bad_days.invariants import broken_rules
from tests.bad_days.processes import Running, a_worker, listening
from tests.ledger import days_granted, rows, value
from tests.scratch import migrated_database
from tests.stage import BackOffice, MainBackend, WebApp
from tests.webhooks.test_inbox import a_notification

EARLIER, MEANWHILE, LATER = 2001, 2002, 2003
ASLEEP = """
SELECT 'schedule ' || entrypoint AS what, next_run - now() AS "for" FROM pgqueuer_schedules
WHERE next_run > now() + interval '1 minute' AND split_part(expression, ' ', 1) = '*'
    OR next_run > now() + interval '1 hour'
UNION ALL SELECT 'job ' || entrypoint, execute_after - now() FROM pgqueuer
WHERE execute_after > now() + interval '1 minute'
UNION ALL SELECT 'question', next_ask_at - billing_now() FROM payments
WHERE status = 'PENDING' AND next_ask_at > billing_now() + interval '1 minute'
"""
RETRIED = (
    "SELECT count(*) FROM pgqueuer WHERE entrypoint = 'webhook.look' AND status = 'queued' AND attempts > 0"
)
OPEN = "SELECT count(*) FROM webhook_logs WHERE status <> 'SUCCESS'"
SPAN = """
SELECT lower(span) AS begins, upper(span) AS ends, billing_now() AS now FROM subscription_periods WHERE user_id = :user
"""


class WithAClockOfItsOwn(Postgres):
    """PostgreSQL that reads the time through libfaketime: real time, and what the file `shift` says on top."""

    @property
    def shift(self) -> Path:
        return self.folder.path / "shift"

    @property
    def command(self) -> list[str]:
        library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))
        told = {
            "LD_PRELOAD": library,
            "FAKETIME_TIMESTAMP_FILE": self.shift,
            "FAKETIME_NO_CACHE": 1,
            "FAKETIME_DONT_FAKE_MONOTONIC": 1,
        }
        return ["/usr/bin/env", *(f"{name}={said}" for name, said in told.items()), *super().command]

    def turn(self, shift: str) -> None:
        self.shift.write_text(f"{shift}\n")
        self.shift.chmod(0o644)


@pytest.fixture(scope="module")
def postgres() -> Iterator[WithAClockOfItsOwn]:
    if not [*Path("/usr/lib").glob("*/faketime/libfaketime.so.1")]:
        reason = "libfaketime is not installed"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(reason)
    with TemporaryDirectory(prefix="billing-service-") as name:
        Path(name).chmod(0o755)  # the server runs as another account, and keeps its own folder private
        folder = usable_folder(Path(name))
        with held(folder):
            server = WithAClockOfItsOwn(folder, throwaway=True)
            server.turn("+0d")
            server.start()
            yield server
            server.stop()


@dataclass
class Stage:
    """The API in this process, and workers of its own, on a database whose clock a test turns."""

    postgres: WithAClockOfItsOwn
    services: Services
    database: Database
    api: MainBackend
    office: BackOffice
    yookassa: str
    folder: Path

    @asynccontextmanager
    async def working(self) -> AsyncIterator[Running]:
        folder = self.folder / uuid4().hex
        folder.mkdir()
        async with a_worker(self.services.settings, self.yookassa, folder) as worker:
            yield worker

    async def buys(self, user: int) -> None:
        """He pays, and has PRO by the clock of this moment."""
        await self.office.pay(await self.api.buy(user=user))
        await self.until_pro(user)

    async def until_pro(self, user: int) -> None:
        async with asyncio.timeout(30):
            while (await self.api.me(user))["plan_code"] != "PRO_MONTHLY":  # noqa: ASYNC110 (the worker's doing)
                await asyncio.sleep(0.1)

    async def until(self, sql: str, expected: int) -> None:
        async with asyncio.timeout(30):
            while await value(self.database, sql) != expected:  # noqa: ASYNC110 (the worker's doing)
                await asyncio.sleep(0.1)

    async def span(self, user: int) -> dict[str, datetime]:
        [row] = await rows(self.database, SPAN, user=user)
        return row

    async def alarms(self, worker: Running) -> dict[str, list[dict[str, str]]]:
        """What the worker told the operators, by kind."""
        told: dict[str, list[dict[str, str]]] = {}
        for line in worker.log.read_text().splitlines():
            if "alarm.raised" in line:
                facts = dict(
                    word.split("=", 1) for word in line.split("alarm.raised")[1].split() if "=" in word
                )
                told.setdefault(str(facts.pop("kind")), []).append(facts)
        return told


@pytest.fixture
async def stage(
    postgres: WithAClockOfItsOwn,
    services: Services,
    sandbox: Sandbox,
    office: BackOffice,
    web: WebApp,
    tmp_path: Path,
) -> AsyncIterator[Stage]:
    postgres.turn("+0d")
    async with migrated_database(postgres.url) as url:
        settings = services.settings.model_copy(update={"database_url": url})
        own, statements = Database(url, pool_size=5), StatementPool(url, pool_size=5)
        here = replace(services, settings=settings, db=own, statements=statements)
        web.app = create_app(settings, here)
        async with listening(sandbox) as yookassa, MainBackend.calling(web) as api:
            yield Stage(postgres, here, own, api, office, yookassa, tmp_path)
        await services.background.drain(5)
        await statements.close()
        await own.close()


async def test_ahead_and_back_nobody_who_paid_is_without_his_days_and_nothing_sleeps(stage: Stage) -> None:
    stage.postgres.turn("+2d")
    async with stage.working():
        await stage.buys(MEANWHILE)
        await stage.office.call("PUT", "/faults", [{"operation": "get_payment", "fault": "error_500"}])
        held_up = await stage.api.buy(user=LATER)
        await stage.office.pay(held_up)
        await stage.until(RETRIED, expected=1)
    stage.postgres.turn("+0d")
    told = [await stage.api.notify(a_notification(held_up["yookassa_payment_id"])) for _ in range(5)]
    await stage.office.call("PUT", "/faults", [])
    assert (await stage.api.me(MEANWHILE))["plan_code"] == "FREE"
    assert await rows(stage.database, ASLEEP)

    async with stage.working() as worker:
        await stage.until_pro(MEANWHILE)
        await stage.until_pro(LATER)
        await stage.until(OPEN, expected=0)
        asleep = await rows(stage.database, ASLEEP)
        alarms = await stage.alarms(worker)

    assert [answer.status_code for answer in told] == [200] * 5
    assert asleep == []
    assert 170_000 < int(alarms["clock_skew"][0]["ahead_seconds"]) < 174_000
    assert -174_000 < int(alarms["period_moved"][0]["by_seconds"]) < -170_000
    assert [await days_granted(stage.database, user) for user in (MEANWHILE, LATER)] == [30, 30]
    span = await stage.span(MEANWHILE)
    assert span["now"] - timedelta(minutes=2) < span["begins"] <= span["now"]
    assert await broken_rules(stage.database) == {}


async def test_behind_and_right_nobody_who_paid_is_without_his_days_nor_loses_any(
    stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    async with stage.working():
        await stage.buys(EARLIER)
    before = await stage.span(EARLIER)
    stage.postgres.turn("-2d")
    assert (await stage.api.me(EARLIER))["plan_code"] == "FREE"

    async with stage.working() as worker:
        await stage.until_pro(EARLIER)
        await stage.buys(MEANWHILE)
        asleep = await rows(stage.database, ASLEEP)
        alarms = await stage.alarms(worker)
    here = capsys.readouterr().out
    stage.postgres.turn("+0d")

    assert asleep == []
    assert alarms["period_moved"]
    assert "behind_seconds=172800" in here + str(alarms)
    for user in (EARLIER, MEANWHILE):
        assert (await stage.api.me(user))["plan_code"] == "PRO_MONTHLY"

    await clock_watch.give_back_lost_time(stage.services)

    for user in (EARLIER, MEANWHILE):
        span = await stage.span(user)
        assert before["begins"] - timedelta(minutes=1) < span["begins"] <= span["now"]
        assert span["ends"] - span["begins"] == timedelta(days=30)
        assert (await stage.api.me(user))["plan_code"] == "PRO_MONTHLY"
    async with stage.working():
        await stage.buys(LATER)
        assert await rows(stage.database, ASLEEP) == []
    assert await broken_rules(stage.database) == {}
