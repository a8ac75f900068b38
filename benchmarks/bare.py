"""The yardstick: the same FastAPI, pool, statements and JSON, and nothing of what makes the service a service.

No authentication, no request id, no log, no metrics, no limits, no turns: what a quick script would do. `/empty/` does
not even ask the database.
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any
from uuid import uuid4

import orjson
import typer
import uvicorn
from fastapi import FastAPI, Header, Path
from pgqueuer.db import AsyncpgDriver
from pgqueuer.queries import Queries
from starlette.requests import Request
from starlette.responses import Response

from billing_service.config import SANDBOX_API_KEY, SANDBOX_SHOP_ID
from billing_service.kit.http import httpx
from billing_service.kit.servers import create_pool
from billing_service.kit.statement_pool import StatementPool
from billing_service.payments.schemas import CreatePaymentIn
from billing_service.usage import queries as usage
from billing_service.usage.schemas import ConsumeIn, ReserveIn

Pool = Any  # asyncpg ships no types
ZONE = "Europe/Moscow"
ON_SALE = """
SELECT code, display_name, price::text, old_price::float8, false AS is_popular, duration_days, daily_photo_limit,
    history_days, ai_recognition, advanced_stats, priority_support
FROM subscription_plans WHERE is_active AND NOT is_test ORDER BY subscription_plans.price, code
"""
WRITE_DOWN = """
INSERT INTO webhook_logs (event_id, event_type, payment_id, trace_id, client_ip, raw_payload)
VALUES ($1, $2, $3, '', '', $4)
ON CONFLICT (event_id) DO UPDATE SET attempts = webhook_logs.attempts + 1 RETURNING id, looks
"""
IS_SETTLED = "SELECT EXISTS (SELECT FROM payments WHERE yookassa_payment_id = $1 AND status = 'SUCCEEDED')"
LOCK_USER = """
INSERT INTO subscriptions (user_id) VALUES ($1) ON CONFLICT (user_id) DO UPDATE SET updated_at = billing_now()
"""
FOR_SALE = "SELECT price, duration_days, display_name FROM subscription_plans WHERE code = $1 AND is_active"
START = """
INSERT INTO payments (id, user_id, plan_code, amount, currency, duration_days, description, purpose, shop_id, is_test,
    caller, route, request_fingerprint, return_url)
VALUES ($1, $2, $3, $4, 'RUB', $5, $6, 'PLAN', '100500', true, '', '', '', '')
"""
KEEP = "UPDATE payments SET yookassa_payment_id = $2, confirmation_url = $3 WHERE id = $1"


def create_app(database_url: str, provider_url: str) -> FastAPI:
    """Answers the paths of the service that are measured."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        pool = create_pool(database_url, min_size=10, max_size=10)
        provider = httpx.AsyncClient(
            base_url=provider_url, auth=httpx.BasicAuth(SANDBOX_SHOP_ID, SANDBOX_API_KEY)
        )
        statements = StatementPool(database_url, pool_size=10)
        async with pool, provider:
            _reads(app, statements, pool)
            _uses(app, statements)
            _notifications(app, pool)
            _purchases(app, pool, provider)
            yield
        await statements.close()

    return FastAPI(lifespan=lifespan)


def _reads(app: FastAPI, statements: StatementPool, pool: Pool) -> None:
    @app.get("/empty/")
    async def empty() -> Response:
        return _json({})

    @app.get("/api/v1/billing/plans/")
    async def plans() -> Response:
        async with pool.acquire() as connection:
            return _json([{**row, "features": []} for row in await connection.fetch(ON_SALE)])

    @app.get("/api/v1/billing/me/")
    async def me(x_user_id: Annotated[int, Header()]) -> Response:
        row = await usage.get_today(statements, x_user_id, ZONE)
        return _json(
            {
                "plan_code": row["plan_code"],
                "plan_name": row["plan_name"],
                "expires_at": row["access_until"],
                "is_active": True,
                "daily_photo_limit": row["daily_limit"],
                "used_today": row["used"],
                "remaining_today": _remaining(row),
                "test_live_payment_available": False,
                "resets_at": row["resets_at"],
            }
        )


def _uses(app: FastAPI, statements: StatementPool) -> None:
    async def admit(user_id: int, body: ConsumeIn | ReserveIn, hold_for: timedelta | None) -> Response:
        row = await usage.admit(
            statements,
            user_id,
            feature=body.feature,
            amount=body.amount,
            operation_id=body.operation_id,
            hold_for=hold_for,
            zone=ZONE,
        )
        return _figures(row)

    @app.post("/internal/v1/users/{user_id}/usage/consume/")
    async def consume(user_id: Annotated[int, Path()], body: ConsumeIn) -> Response:
        return await admit(user_id, body, None)

    @app.post("/internal/v1/users/{user_id}/usage/reserve/")
    async def reserve(user_id: Annotated[int, Path()], body: ReserveIn) -> Response:
        return await admit(user_id, body, timedelta(seconds=body.ttl_seconds))

    @app.post("/internal/v1/usage/operations/{operation_id}/commit/")
    async def commit(operation_id: Annotated[str, Path()]) -> Response:
        return _figures(await usage.commit(statements, operation_id, ZONE, wait=True))


def _notifications(app: FastAPI, pool: Pool) -> None:
    @app.post("/api/v1/billing/webhooks/yookassa")
    async def webhook(request: Request) -> Response:
        raw = await request.body()
        told = orjson.loads(raw)
        event, thing = told["event"], told["object"]
        event_id = f"{event}:{thing['id']}:{thing['status']}"
        async with pool.acquire() as connection, connection.transaction():
            row = await connection.fetchrow(WRITE_DOWN, event_id, event, thing["id"], raw.decode())
            if not await connection.fetchval(IS_SETTLED, thing["id"]):
                await Queries(AsyncpgDriver(connection)).enqueue(
                    "webhook.look",
                    str(row["id"]).encode(),
                    dedupe_key=f"webhook.look:{row['id']}:{row['looks']}",
                    on_conflict="skip",
                )
        return _json({"status": "ok"})


def _purchases(app: FastAPI, pool: Pool, provider: httpx.AsyncClient) -> None:
    @app.post("/api/v1/billing/create-payment/")
    async def create_payment(x_user_id: Annotated[int, Header()], body: CreatePaymentIn) -> Response:
        payment_id = uuid4()
        async with pool.acquire() as connection, connection.transaction():
            await connection.execute(LOCK_USER, x_user_id)
            price, days, name = await connection.fetchrow(FOR_SALE, body.plan_code)
            await connection.execute(START, payment_id, x_user_id, body.plan_code, price, days, name)
        created = await provider.post(
            "/payments", json=_order(price, name), headers={"Idempotence-Key": str(payment_id)}
        )
        made = orjson.loads(created.raise_for_status().content)
        link = made["confirmation"]["confirmation_url"]
        async with pool.acquire() as connection:
            await connection.execute(KEEP, payment_id, made["id"], link)
        return _json(
            {"payment_id": payment_id, "yookassa_payment_id": made["id"], "confirmation_url": link}, 201
        )


def _remaining(row: Mapping[str, Any]) -> int | None:
    limit = row["daily_limit"]
    return None if limit is None else max(limit - row["used"] - row["held"], 0)


def _figures(row: Mapping[str, Any]) -> Response:
    figures = {
        "allowed": row["verdict"] == "allowed",
        "plan_code": row["plan_code"],
        "daily_limit": row["daily_limit"],
        "used_today": row["used"],
        "held": row["held"],
        "remaining_today": _remaining(row),
        "resets_at": row["resets_at"],
    }
    return _json(figures, 200 if row["verdict"] == "allowed" else 429)


def _order(price: Decimal, name: str) -> dict[str, object]:
    return {
        "amount": {"value": str(price), "currency": "RUB"},
        "capture": True,
        "description": name,
        "confirmation": {"type": "redirect", "return_url": "https://app.eatfit24.ru/subscription"},
    }


def _json(content: object, status: int = 200) -> Response:
    body = orjson.dumps(content, option=orjson.OPT_UTC_Z)
    return Response(body, status_code=status, media_type="application/json")


def serve(database_url: str, provider_url: str, port: int) -> None:
    """As `billing-service api` does it."""
    uvicorn.run(
        create_app(database_url, provider_url),
        host="127.0.0.1",
        port=port,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
    )


if __name__ == "__main__":
    typer.run(serve)
