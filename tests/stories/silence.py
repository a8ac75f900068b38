"""Silence, and what is done about it: faults that swallow answers and notifications, and asking by ourselves."""

import asyncio
import json
from datetime import timedelta
from typing import Any
from uuid import UUID

from billing_service.kit.db import Database
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import enqueue_due
from billing_service.provider_calls.kinds import Kind
from billing_service.provider_calls.walking import walk_to_now
from billing_service.services import Services
from billing_service.worker import KINDS
from tests.ledger import rows
from tests.stage import BackOffice, Clock, work_off

MONTH = {"plan_code": "PRO_MONTHLY"}
LOSE_EVERY_NOTIFICATION = [{"operation": "notification", "fault": "lose"}]
LOSE_EVERY_ANSWER = [{"operation": "create_payment", "fault": "lost_after"}]


async def pass_time(clock: Clock, office: BackOffice, services: Services, **by: float) -> None:
    """Time goes by here and at the provider, and what is due by then is asked."""
    await clock.advance(**by)
    await office.call("POST", "/clock", {"advance_seconds": timedelta(**by).total_seconds()})
    for kind in KINDS:
        await enqueue_due(services, kind)
    await work_off(services)


async def walk_to_the_end(services: Services, kind: Kind[Any, Any] = PAYMENTS) -> None:
    """In longer and longer steps where little was made, as a worker walks: a month is hundreds of the shortest."""
    while not await walk_to_now(services, kind, asyncio.Event()):
        pass


async def states(database: Database) -> list[str]:
    return [row["status"] for row in await rows(database, "SELECT status FROM payments ORDER BY created_at")]


def as_sent(payment_id: UUID) -> bytes:
    """A request that names a payment of ours, as the provider gets it."""
    return json.dumps(
        {
            "amount": {"value": "299.00", "currency": "RUB"},
            "capture": True,
            "confirmation": {"type": "redirect", "return_url": "https://app.eatfit24.ru/subscription"},
            "metadata": {"billing_payment_id": str(payment_id)},
        }
    ).encode()
