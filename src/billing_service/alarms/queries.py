"""The SQL of the alarms."""

from collections.abc import Mapping

from sqlalchemy import case
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.alarms.models import StandingAlarm
from billing_service.kit.clock import billing_now


async def upsert_alarm(session: AsyncSession, kind: str, subject: str, facts: Mapping[str, object]) -> bool:
    """True if it is new or its facts have changed. Of two who meet the thing at once, one hears True."""
    new = insert(StandingAlarm).values(kind=kind, subject=subject, facts=facts)
    is_unchanged = StandingAlarm.facts == new.excluded.facts
    statement = new.on_conflict_do_update(
        index_elements=[StandingAlarm.kind, StandingAlarm.subject],
        set_={
            "facts": new.excluded.facts,
            "times": StandingAlarm.times + 1,
            "changed_at": case((is_unchanged, StandingAlarm.changed_at), else_=billing_now()),
            "last_at": billing_now(),
        },
    ).returning(StandingAlarm.changed_at == StandingAlarm.last_at)
    return (await session.execute(statement)).scalar_one()
