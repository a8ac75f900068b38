"""One number becomes another, and what can be said of both."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from tests.ledger import rows, value
from tests.stage import USER, MainBackend

OLD, NEW, THIRD = USER, 1002, 1003
WISH = {"author": "support", "reason": "вошёл через другой аккаунт"}
SHOP = {"author": "support", "reason": "сбой"}
AHEAD = """
    SELECT coalesce(sum(upper(span) - greatest(lower(span), billing_now())), interval '0')
    FROM subscription_periods WHERE upper(span) > billing_now() AND user_id = ANY(:users)
"""

SPANS = """
    SELECT lower(span) AS begins, upper(span) AS ends FROM subscription_periods
    WHERE user_id = ANY(:users) AND NOT isempty(span)
"""


async def move(api: MainBackend, old: int = OLD, new: int = NEW) -> httpx.Response:
    return await api.internal("POST", f"users/{old}/move-to/{new}/", WISH)


async def moved(api: MainBackend, old: int = OLD, new: int = NEW) -> dict[str, Any]:
    answer = await move(api, old, new)
    assert answer.status_code == 200, answer.text
    done: dict[str, Any] = answer.json()
    return done


async def give(api: MainBackend, user: int, days: int, key: str | None = None) -> dict[str, Any]:
    answer = await api.internal(
        "POST",
        f"users/{user}/grants/",
        SHOP | {"plan_code": "PRO_MONTHLY", "days": days},
        Idempotency_Key=key or uuid4().hex,
    )
    assert answer.status_code == 201, answer.text
    given: dict[str, Any] = answer.json()
    return given


async def state(api: MainBackend, user: int) -> dict[str, Any]:
    shown: dict[str, Any] = (await api.internal("GET", f"users/{user}/state/")).json()
    return shown


async def ahead(database: Database, *users: int) -> timedelta:
    """What these users have not used yet of all that they were given."""
    left: timedelta = await value(database, AHEAD, users=list(users))
    return left


Spans = list[tuple[datetime, datetime]]


async def spans(database: Database, *users: int) -> Spans:
    found = await rows(database, SPANS, users=list(users))
    return [(row["begins"], row["ends"]) for row in found]


def unused(of: Spans, done: dict[str, Any]) -> timedelta:
    """What of them was not used yet at the instant of the move, to the microsecond."""
    at = datetime.fromisoformat(done["moved_at"])
    return sum((ends - max(begins, at) for begins, ends in of if ends > at), timedelta(0))


async def cuts(database: Database) -> list[float]:
    """Days that were used beside others, the periods in the order of their numbers."""
    found = await rows(
        database, "SELECT extract(epoch FROM cut) / 86400 AS days FROM user_move_cuts ORDER BY period_id"
    )
    return [round(float(row["days"]), 3) for row in found]
