"""What the database says of an installation that is about to sell."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, text

from billing_service.kit.clock import AGREE_WITHIN
from billing_service.operations.findings import CannotBeAsked, Finding, asked_of_the_database
from billing_service.schema import tables
from billing_service.services import Services

AUDIT_IS_OLD = timedelta(hours=36)
NOTIFICATION_PATH = "/api/v1/billing/webhooks/yookassa"
# A payer who goes away leaves his payment open until the provider gives it up, an hour later: then it has an end.
LEFT_OPEN = """
    SELECT count(*) FILTER (WHERE status IN ('PENDING', 'WAITING_FOR_CAPTURE')), count(*) FROM payments
    WHERE shop_id = :shop AND created_at BETWEEN billing_now() - interval '1 day' AND billing_now() - interval '2 hours'
"""
LEFT_OPEN_AT_MOST = 0.1
LAST_AUDIT = """
    SELECT billing_now() - finished_at, (SELECT count(*) FROM jsonb_each(report -> 'findings'))
    FROM daily_audits ORDER BY id DESC LIMIT 1
"""
LAST_NOTIFICATION = "SELECT billing_now() - max(created_at) FROM webhook_logs"

Found = tuple[str | None, str | None]


async def findings(services: Services) -> AsyncIterator[Finding]:
    examined: Mapping[str, Callable[[Services], Awaitable[Found]]] = {
        "the tables are those of this release": _drift,
        "the database's clock is right": _clock,
        "yesterday was audited, and nothing was found": _audit,
        "what people begin to pay comes to an end": _left_open,
        f"YooKassa's notifications arrive at {NOTIFICATION_PATH}": _notified,
    }
    for what, examine in examined.items():
        try:
            trouble, unchecked = await asked_of_the_database(examine(services))
        except CannotBeAsked as error:
            trouble, unchecked = error.sentence, None
        yield Finding(what, trouble, unchecked)


async def _drift(services: Services) -> Found:
    """Tables, columns, indexes and keys; functions and triggers have no model to be compared with."""

    def compare(connection: Connection) -> list[str]:
        known = set(tables.metadata.tables)
        context = MigrationContext.configure(
            connection,
            opts={"include_name": lambda name, kind, _parents: kind != "table" or name in known},
        )
        return [str(difference[0]) for difference in compare_metadata(context, tables.metadata)]

    async with services.db.engine.connect() as connection:
        differences = await connection.run_sync(compare)
    return f"they differ: {', '.join(differences)}" if differences else None, None


async def _clock(services: Services) -> Found:
    async with services.db.engine.connect() as connection:
        theirs: datetime = (await connection.execute(text("SELECT clock_timestamp()"))).scalar_one()
    apart = abs(theirs - datetime.now(UTC))
    return (
        f"it is {apart.total_seconds():.0f} s away from the clock of this machine"
        if apart > AGREE_WITHIN
        else None
    ), None


async def _audit(services: Services) -> Found:
    async with services.db.engine.connect() as connection:
        row = (await connection.execute(text(LAST_AUDIT))).one_or_none()
    if row is None:
        return None, "no day has been audited yet: billing-service audit"
    ago, broken = row
    if ago > AUDIT_IS_OLD:
        return f"the last audit ended {ago // timedelta(hours=1)} hours ago", None
    return (f"{broken} rules are broken: billing-service audit" if broken else None), None


async def _left_open(services: Services) -> Found:
    async with services.db.engine.connect() as connection:
        left, all_of_them = (
            await connection.execute(text(LEFT_OPEN), {"shop": services.settings.shop_id})
        ).one()
    if not all_of_them:
        return None, "nobody has begun to pay in the last day"
    share = left / all_of_them
    return (f"{left} of {all_of_them} are still open" if share > LEFT_OPEN_AT_MOST else None), None


async def _notified(services: Services) -> Found:
    """Only a notification that came shows it: from here nobody sees what the proxies outside do."""
    async with services.db.engine.connect() as connection:
        ago = (await connection.execute(text(LAST_NOTIFICATION))).scalar_one()
    if ago is None:
        return None, (
            "none has come yet. From another network:"
            f" curl -i -X POST https://YOUR-HOST{NOTIFICATION_PATH} must say 403;"
            " then name that address in YooKassa's cabinet and pay one rouble"
        )
    return None, None
