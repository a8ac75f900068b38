"""The SQL of events. Writing and numbering are SQL functions (outbox_events.sql)."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.transaction import Row, Transaction
from billing_service.kit.wire import json_of

COLUMNS = "id, kind, user_id, data::text AS data, state::text AS state, occurred_at, feed_no, user_seq"
OF_E = ", ".join(f"e.{column}" for column in COLUMNS.split(", "))


async def insert_event(
    tx: Transaction, kind: str, user_id: int | None, data: str, *, with_state: bool, once: str | None
) -> UUID | None:
    """The new event's id; None if one was written under the same name `once` already."""
    event_id: UUID | None = await tx.value(
        "SELECT record_event($1, $2, $3::jsonb, $4, $5)", kind, user_id, data, with_state, once
    )
    return event_id


FEED = f"SELECT {COLUMNS} FROM outbox_events WHERE feed_no > $1 ORDER BY feed_no LIMIT $2"  # noqa: S608


async def list_feed(statements: StatementPool, *, after: int, limit: int) -> Sequence[Row]:
    return await statements.fetch(FEED, after, limit)


class Due(NamedTuple):
    """What one look brought: how many events were numbered, and whether anything is to be sent now."""

    published: int
    waits: bool


class Places(NamedTuple):
    """How many deliveries are on their way, and how many of them had failed before or were asked for again."""

    taken: int
    again: int


class Claimed(NamedTuple):
    """The right to send an event for the length of a lease: which try it is, and for how long it has been tried."""

    line: int | None
    attempt: int
    tried_for: timedelta
    event: Row


# What lies further ahead than any rule can have put it was written by a clock that has been put right since: it proves
# nothing. ($1: how long a lease lasts, $2: the longest pause.)
ON_ITS_WAY = "(leased_until > billing_now() AND leased_until <= billing_now() + 2 * $1::interval)"
FREE = f"(due_at <= billing_now() OR due_at > billing_now() + $2::interval) AND {ON_ITS_WAY} IS NOT TRUE"
LOOK = f"""
    SELECT publish_events($3) AS published,
        EXISTS (SELECT FROM event_streams WHERE next_seq <= last_seq AND {FREE})
        OR EXISTS (SELECT FROM event_replays WHERE {FREE}) AS waits
"""  # noqa: S608 (constant SQL, as all below)


async def look(statements: StatementPool, *, lease: timedelta, longest_pause: timedelta, limit: int) -> Due:
    """Number what is committed (nothing if another process is just at it), and see whether something is due."""
    return Due(**await statements.fetch_one(LOOK, lease, longest_pause, limit))


PLACES = f"""
    SELECT count(*) AS taken, count(*) FILTER (WHERE attempts > 1) AS again FROM (
        SELECT attempts FROM event_streams WHERE {ON_ITS_WAY}
        UNION ALL SELECT 2 FROM event_replays WHERE {ON_ITS_WAY}
    ) on_its_way
"""  # noqa: S608


async def lock_places(tx: Transaction, *, lease: timedelta) -> Places | None:
    """How many places are taken, held still until the transaction ends; None while another process is choosing."""
    if not await tx.value("SELECT pg_try_advisory_xact_lock(hashtext('events.claim'))"):
        return None
    return Places(**(await tx.row(PLACES, lease) or {}))


# An event that was deleted meanwhile, for it was old, is stepped over.
CLAIM_LINES = """
    WITH chosen AS (
        SELECT user_id, next_seq FROM event_streams WHERE next_seq <= last_seq AND attempts {tries} AND {free}
        ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
    ), found AS (
        SELECT chosen.user_id, next.id, next.user_seq FROM chosen LEFT JOIN LATERAL (
            SELECT id, user_seq FROM outbox_events
            WHERE coalesce(user_id, 0) = chosen.user_id AND user_seq >= chosen.next_seq ORDER BY user_seq LIMIT 1
        ) next ON true
    ), claimed AS (
        UPDATE event_streams line SET
            next_seq = coalesce(found.user_seq, line.last_seq + 1),
            attempts = CASE WHEN found.id IS NULL THEN 0 ELSE line.attempts + 1 END,
            first_tried_at = CASE WHEN found.id IS NOT NULL THEN coalesce(line.first_tried_at, billing_now()) END,
            leased_until = CASE WHEN found.id IS NOT NULL THEN billing_now() + $1::interval END
        FROM found WHERE line.user_id = found.user_id
        RETURNING line.user_id AS line, found.id, line.attempts AS attempt,
            billing_now() - line.first_tried_at AS tried_for
    )
    SELECT line, attempt, tried_for, {columns} FROM claimed JOIN outbox_events e USING (id)
"""
FIRST_TRIES = CLAIM_LINES.format(tries="= 0", free=FREE, columns=OF_E)
FURTHER_TRIES = CLAIM_LINES.format(tries="> 0", free=FREE, columns=OF_E)
REPLAYS = f"""
    WITH chosen AS (
        SELECT event_id FROM event_replays WHERE {FREE} ORDER BY due_at LIMIT $3 FOR UPDATE SKIP LOCKED
    ), claimed AS (
        UPDATE event_replays replay SET
            attempts = attempts + 1, first_tried_at = coalesce(first_tried_at, billing_now()),
            leased_until = billing_now() + $1::interval
        FROM chosen WHERE replay.event_id = chosen.event_id
        RETURNING NULL::bigint AS line, replay.event_id AS id, replay.attempts AS attempt,
            billing_now() - replay.first_tried_at AS tried_for
    )
    SELECT line, attempt, tried_for, {OF_E} FROM claimed JOIN outbox_events e USING (id)
"""  # noqa: S608


async def claim(
    tx: Transaction, statement: str, *, lease: timedelta, longest_pause: timedelta, limit: int
) -> Sequence[Claimed]:
    """Take what is due, the longest due first; who holds the places' lock calls it."""
    if limit <= 0:
        return []
    rows = await tx.rows(statement, lease, longest_pause, limit)
    return [Claimed(row["line"], row["attempt"], row["tried_for"], row) for row in rows]


CONCLUDE_LINE = """
    WITH concluded AS (
        UPDATE outbox_events SET outcome = $4, concluded_at = billing_now(), answer = coalesce($5::jsonb, answer)
        WHERE id = $1
    )
    UPDATE event_streams SET
        next_seq = $3 + 1, attempts = 0, first_tried_at = NULL, leased_until = NULL, due_at = billing_now()
    WHERE user_id = $2 AND next_seq = $3
"""
# What became of it before stays, unless it has arrived now.
CONCLUDE_REPLAY = """
    WITH concluded AS (
        UPDATE outbox_events SET outcome = $2, concluded_at = billing_now(), answer = coalesce($3::jsonb, answer)
        WHERE id = $1 AND $2 = 'delivered'
    )
    DELETE FROM event_replays WHERE event_id = $1
"""


async def conclude(
    statements: StatementPool, claimed: Claimed, outcome: str, answer: dict[str, str] | None
) -> None:
    """Nothing more is to be sent of it; the next event of its line is due."""
    event_id, told = claimed.event["id"], None if answer is None else json_of(answer).decode()
    if claimed.line is None:
        await statements.fetch(CONCLUDE_REPLAY, event_id, outcome, told)
    else:
        await statements.fetch(
            CONCLUDE_LINE, event_id, claimed.line, claimed.event["user_seq"], outcome, told
        )


# Only by who has the newest claim.
POSTPONE_LINE = """
    UPDATE event_streams SET due_at = billing_now() + $3::interval, leased_until = NULL
    WHERE user_id = $1 AND attempts = $2 AND next_seq = $4
"""
POSTPONE_REPLAY = """
    UPDATE event_replays SET due_at = billing_now() + $3::interval, leased_until = NULL
    WHERE event_id = $1 AND attempts = $2
"""


async def postpone(statements: StatementPool, claimed: Claimed, pause: timedelta) -> None:
    if claimed.line is None:
        await statements.fetch(POSTPONE_REPLAY, claimed.event["id"], claimed.attempt, pause)
    else:
        seq = claimed.event["user_seq"]
        await statements.fetch(POSTPONE_LINE, claimed.line, claimed.attempt, pause, seq)


REPLAY_ONE = """
    INSERT INTO event_replays AS replay (event_id)
    SELECT id FROM outbox_events WHERE id = $1 AND feed_no IS NOT NULL
    ON CONFLICT (event_id) DO UPDATE SET due_at = least(replay.due_at, excluded.due_at) RETURNING event_id
"""


async def insert_replay(tx: Transaction, event_id: UUID) -> bool:
    """False for an event that is not in the feed. One that is to be replayed already is so as soon as can be."""
    return await tx.value(REPLAY_ONE, event_id) is not None


REPLAY_MANY = """
    WITH added AS (
        INSERT INTO event_replays (event_id)
        SELECT id FROM outbox_events WHERE feed_no IS NOT NULL AND occurred_at >= $1 AND occurred_at < $2
        ON CONFLICT (event_id) DO NOTHING RETURNING 1
    ) SELECT count(*) FROM added
"""


async def insert_replays(tx: Transaction, since: datetime, until: datetime) -> int:
    """Of everything that happened between two instants, the second one excluded."""
    return int(await tx.value(REPLAY_MANY, since, until))


async def get_answer(tx: Transaction, event_id: UUID) -> str | None:
    """What the receiver said of this event, as JSON."""
    answer: str | None = await tx.value("SELECT answer::text FROM outbox_events WHERE id = $1", event_id)
    return answer
