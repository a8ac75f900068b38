"""The SQL of the audit log."""

from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.audit.models import AuditEntry


async def insert_entry(session: AsyncSession, entry: AuditEntry) -> None:
    session.add(entry)
    await session.flush()
