"""Users who were here before there were events: the feed tells how they stand, and their end is told in its time."""

import asyncio

import asyncpg
from alembic import command

from billing_service.config import Settings
from billing_service.schema.migrate import alembic_config
from tests.scratch import execute, scratch_database

BEFORE = "0022"
PERIODS = """
    INSERT INTO subscriptions (user_id) VALUES (1), (2), (3);
    INSERT INTO subscription_periods (user_id, plan_code, cause, author, reason, days, granted_at, span)
    SELECT user_id, 'PRO_MONTHLY', 'grant', 'support', 'сбой', 30, begins,
        tstzrange(begins, begins + interval '30 days')
    FROM (VALUES (1, now() - interval '10 days'), (2, now() - interval '50 days')) given (user_id, begins)
"""


async def test_each_is_told_once_as_he_stands(settings: Settings) -> None:
    async with scratch_database(settings.database_url) as url:
        await asyncio.to_thread(command.upgrade, alembic_config(url), BEFORE)
        await execute(url, PERIODS)
        await asyncio.to_thread(command.upgrade, alembic_config(url), "head")
        connection = await asyncpg.connect(url)
        events = await connection.fetch(
            "SELECT kind, user_id, state ->> 'plan' AS plan, state -> 'access_until' <> 'null' AS has_end "
            "FROM outbox_events ORDER BY user_id"
        )
        due = await connection.fetch("SELECT user_id FROM subscriptions WHERE end_due_at > now()")
        await connection.close()

    assert [tuple(one) for one in events] == [
        ("subscription.imported", 1, "PRO_MONTHLY", True),
        ("subscription.imported", 2, "FREE", True),
    ]
    assert [one["user_id"] for one in due] == [1]
