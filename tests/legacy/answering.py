"""What the old service answers over HTTP, out of its tables."""

import asyncio

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.legacy.old import OldService

ACCESS = """
    SELECT p.code, p.display_name, p.daily_photo_limit, s.end_date, s.auto_renew, s.card_mask, s.card_brand,
        p.code <> 'FREE' AND s.is_active AND s.end_date > now() AS pro,
        coalesce((SELECT photo_ai_requests FROM daily_usage u WHERE u.user_id = s.user_id
            ORDER BY date DESC LIMIT 1), 0) AS used
    FROM subscriptions s JOIN subscription_plans p ON p.id = s.plan_id WHERE user_id = $1
"""
PAYMENTS = """
    SELECT id::text, amount::float8, currency, lower(status) AS status, paid_at, description FROM payments
    WHERE user_id = $1 ORDER BY created_at DESC LIMIT 100
"""


def answering(old: OldService, *, offset: int = 900_000) -> Starlette:
    """It knows a user by another id than we do: by so much more."""
    one_at_a_time = asyncio.Lock()

    def user_of(request: Request) -> int:
        return int(request.headers["X-Telegram-Id"]) - offset

    async def me(request: Request) -> Response:
        async with one_at_a_time:
            one = await old.connection.fetchrow(ACCESS, user_of(request))
        limit, used = (one["daily_photo_limit"], one["used"]) if one["pro"] else (3, one["used"])
        return JSONResponse(
            {
                "plan_code": one["code"] if one["pro"] else "FREE",
                "plan_name": one["display_name"] if one["pro"] else "Бесплатный",
                "expires_at": one["end_date"].isoformat() if one["pro"] else None,
                "is_active": True,
                "daily_photo_limit": limit,
                "used_today": used,
                "remaining_today": None if limit is None else max(limit - used, 0),
                "test_live_payment_available": False,
            }
        )

    async def subscription(request: Request) -> Response:
        async with one_at_a_time:
            one = await old.connection.fetchrow(ACCESS, user_of(request))
        card = {"card_mask": one["card_mask"], "card_brand": one["card_brand"]}
        return JSONResponse(
            {
                "plan": "free" if one["code"] == "FREE" else "pro",
                "plan_display": "Free" if one["code"] == "FREE" else "PRO",
                "is_active": one["pro"] or one["code"] == "FREE",
                "autorenew_enabled": one["auto_renew"],
                "card_bound": one["card_mask"] is not None,
                "payment_method": {"is_attached": one["card_mask"] is not None} | card,
            }
        )

    async def payments(request: Request) -> Response:
        async with one_at_a_time:
            rows = await old.connection.fetch(PAYMENTS, user_of(request))
        shown = [dict(row) | {"paid_at": row["paid_at"] and row["paid_at"].isoformat()} for row in rows]
        return JSONResponse({"results": shown})

    routes = {"me/": me, "subscription/": subscription, "payments/": payments}
    return Starlette(routes=[Route(f"/api/v1/billing/{path}", answer) for path, answer in routes.items()])
