"""How many paid payments a second one worker asks about and settles, when their notifications are in already."""

import asyncio
import time
from collections.abc import Sequence

from benchmarks.databases import execute, fetch, fetch_value
from benchmarks.load import CannotMeasure, measure
from benchmarks.measuring import Told
from benchmarks.notifying import notify
from benchmarks.report import Settled
from benchmarks.scenarios import BUYING, YOOKASSA
from benchmarks.stage import Build, Stage, worker
from billing_service.kit.http import httpx

PATIENCE_SECONDS = 120
# So many at once, as a provider that has a backlog brings them.
AT_ONCE = 16
OPEN = "SELECT yookassa_payment_id FROM payments WHERE status = 'PENDING' AND yookassa_payment_id IS NOT NULL"
# The load ends while purchases are on their way: of those nobody is notified.
STILL = "SELECT count(*) FROM payments WHERE status = 'PENDING' AND yookassa_payment_id = ANY($1)"
# Looks that the intake's own scenario has left, about payments that the provider does not have.
FORGET = "DELETE FROM pgqueuer WHERE entrypoint = 'webhook.look'"
# The middle of them: how a worker starts and how it finds the last one is another question.
RATE = """
WITH settled AS (
    SELECT updated_at, row_number() OVER (ORDER BY updated_at) place, count(*) OVER () AS number
    FROM payments WHERE yookassa_payment_id = ANY($1)
), middle AS (SELECT * FROM settled WHERE place BETWEEN number / 10 AND number * 9 / 10)
SELECT (count(*) - 1) / extract(epoch FROM max(updated_at) - min(updated_at))::float8 FROM middle
"""


def measure_settling(stage: Stage, *, seconds: float, rounds: int, tell: Told) -> Settled:
    """Each build in every round, what it sells in so many seconds. Raises `CannotMeasure`."""
    settled = Settled([])
    for number in range(rounds):
        if stage.before:
            settled.before.append(_rate(stage.before, seconds, f"{number:03x}s"))
        settled.ours.append(_rate(stage.ours, seconds, f"{number:03x}s"))
        before = f"before {settled.before[-1]:6.0f}/s   " if settled.before else ""
        tell(f"round {number + 1} of {rounds}: {'settled':<18}{before}ours {settled.ours[-1]:6.0f}/s")
    return settled


def _rate(build: Build, seconds: float, run: str) -> float:
    measure(build.beside_provider, BUYING, seconds=seconds, run=run)
    database_url = build.servers.database_url
    ids = [row[0] for row in fetch(database_url, OPEN)]
    execute(database_url, FORGET)
    asyncio.run(_notify_of_all(build.beside_provider, ids))
    with worker(build):
        _wait_until_settled(database_url, ids)
    return round(float(fetch_value(database_url, RATE, ids)), 1)


def _wait_until_settled(database_url: str, ids: Sequence[str]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while left := fetch_value(database_url, STILL, ids):
        if time.monotonic() > deadline:
            raise CannotMeasure(f"{left} payments were not settled in {PATIENCE_SECONDS} s")
        time.sleep(0.2)


async def _notify_of_all(url: str, ids: Sequence[str]) -> None:
    slots = asyncio.Semaphore(AT_ONCE)
    async with httpx.AsyncClient(base_url=url, headers=YOOKASSA) as provider:

        async def in_turn(payment_id: str) -> None:
            async with slots:
                await notify(provider, payment_id)

        await asyncio.gather(*map(in_turn, ids))
