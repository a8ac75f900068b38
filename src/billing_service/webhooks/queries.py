"""The SQL of the inbox."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any, cast

from sqlalchemy import Table, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.kit.clock import billing_now
from billing_service.webhooks.models import WebhookLog

# Built once: for a statement this small, putting it together anew costs more than running it.
LOGS = cast(Table, WebhookLog.__table__)
INSERT = insert(LOGS)
UPSERT = INSERT.on_conflict_do_update(
    index_elements=[LOGS.c.event_id],
    set_={"attempts": LOGS.c.attempts + 1, "client_ip": INSERT.excluded.client_ip},
).returning(LOGS.c.id, LOGS.c.looks)


async def upsert_notification(session: AsyncSession, **values: Any) -> tuple[int, int]:  # noqa: ANN401 (columns)
    """One row for an event, however often it is told; answers its id and how often we looked because of it."""
    row = (await session.execute(UPSERT, values)).one()
    return row[0], row[1]


async def get_log(session: AsyncSession, log_id: int) -> WebhookLog | None:
    return await session.get(WebhookLog, log_id)


async def list_received(
    session: AsyncSession, *, after: int, older_than: timedelta, limit: int
) -> Mapping[int, str]:
    """A page of open rows, those behind the row `after`: id -> the provider's payment."""
    statement = (
        select(WebhookLog.id, WebhookLog.payment_id)
        .where(
            WebhookLog.id > after,
            WebhookLog.status == "RECEIVED",
            WebhookLog.created_at < billing_now() - older_than,
        )
        .order_by(WebhookLog.id)
        .limit(limit)
    )
    return {row.id: row.payment_id for row in await session.execute(statement)}


async def close_logs(session: AsyncSession, log_ids: Sequence[int]) -> None:
    """Our payments already say what these notifications were about."""
    await session.execute(
        update(WebhookLog)
        .where(WebhookLog.id.in_(log_ids))
        .values(
            status="SUCCESS",
            error_message=None,
            processed_at=func.coalesce(WebhookLog.processed_at, billing_now()),
        )
    )


async def lock_log(session: AsyncSession, log_id: int) -> WebhookLog:
    statement = select(WebhookLog).where(WebhookLog.id == log_id).with_for_update()
    return (await session.scalars(statement)).one()
