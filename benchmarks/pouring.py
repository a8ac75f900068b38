"""Notifications that pour in at a steady rate while workers settle: how many are settled soon enough, and how soon."""

import asyncio
import time
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.databases import execute, fetch
from benchmarks.load import CannotMeasure
from benchmarks.measuring import Told
from benchmarks.notifying import notify
from benchmarks.report import Poured
from benchmarks.scenarios import YOOKASSA
from benchmarks.settling import FORGET
from benchmarks.stage import Stage, worker
from billing_service.config import SANDBOX_SHOP_ID
from billing_service.kit.http import httpx

PATIENCE_SECONDS = 120
# A worker that has just started meets a second of its own first: connections, plans.
AFOREHAND = 40
CONNECTIONS = httpx.Limits(max_connections=64, max_keepalive_connections=64)
# What a purchase leaves, without its costs: thousands of purchases would take longer than pouring.
BUY = f"""
    WITH buyer AS (
        INSERT INTO subscriptions (user_id)
        SELECT coalesce((SELECT max(user_id) FROM subscriptions), 0) + number FROM generate_series(1, $1::bigint) number
        RETURNING user_id
    )
    INSERT INTO payments (id, user_id, plan_code, amount, currency, duration_days, description, purpose, shop_id,
        is_test, caller, route, request_fingerprint, return_url, first_sent_at, last_sent_at, yookassa_payment_id)
    SELECT id, user_id, 'PRO_MONTHLY', 299, 'RUB', 30, 'PRO', 'PLAN', '{SANDBOX_SHOP_ID}',
        true, 'main', 'create-payment', 'benchmark', 'https://example.ru', billing_now(), billing_now(), id::text
    FROM (SELECT user_id, gen_random_uuid() AS id FROM buyer) bought RETURNING id::text
"""  # noqa: S608 (our own words)
SETTLED = """
    SELECT extract(epoch FROM processed_at - created_at)::float8 AS seconds FROM webhook_logs
    WHERE payment_id = ANY($1) AND status = 'SUCCESS'
"""


def measure_pouring(stage: Stage, *, workers: int, rate: int, seconds: int, tell: Told) -> Poured:
    """`rate` notifications a second for `seconds`, each of a payment of its own. Raises `CannotMeasure`."""
    build = stage.ours
    database_url = build.servers.database_url
    execute(database_url, FORGET)
    warm, poured = _bought(database_url, AFOREHAND), _bought(database_url, rate * seconds)
    with ExitStack() as stack:
        for _ in range(workers):
            stack.enter_context(worker(build))
        asyncio.run(_pour(build.beside_provider, warm, rate=AFOREHAND))
        _wait_until_settled(database_url, warm)
        taken_in = asyncio.run(_pour(build.beside_provider, poured, rate=rate))
        delays = _wait_until_settled(database_url, poured)
    found = Poured(workers, rate, round(taken_in, 1), delays)
    tell(found.sentence())
    return found


def _bought(database_url: str, number: int) -> Sequence[str]:
    return [row["id"] for row in fetch(database_url, BUY, number)]


def _wait_until_settled(database_url: str, ids: Sequence[str]) -> Sequence[float]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while len(settled := fetch(database_url, SETTLED, ids)) < len(ids):
        if time.monotonic() > deadline:
            raise CannotMeasure(f"{len(ids) - len(settled)} payments were not settled")
        time.sleep(1)
    return sorted(row["seconds"] for row in settled)


async def _pour(url: str, ids: Sequence[str], *, rate: int) -> float:
    """Each at its own instant, whatever became of those before; answers how many were taken in a second."""
    loop = asyncio.get_running_loop()
    async with httpx.AsyncClient(base_url=url, headers=YOOKASSA, limits=CONNECTIONS, timeout=60) as provider:
        begun = loop.time()
        async with asyncio.TaskGroup() as under_way:
            for number, payment_id in enumerate(ids):
                await asyncio.sleep(begun + number / rate - loop.time())
                under_way.create_task(notify(provider, payment_id))
        return len(ids) / (loop.time() - begun)
