"""The SQL of moves: every table that has a user's number, and the statement by which it goes along."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from billing_service.kit.transaction import Row, Transaction
from billing_service.subscriptions.periods import Span
from billing_service.user_moves.merging import Merged

ACTION = "user.moved"
PERIODS = "subscription_periods"
# By the index of their periods, which have moved before.
OF_HIS_PERIODS = "period_id = ANY (ARRAY(SELECT id FROM subscription_periods WHERE user_id = $2))"
# $1 is who moves, $2 is who he becomes. What was asked for with a key that the other one has used as well goes on
# without it: under the old number nobody can ask again.
STATEMENTS: Mapping[str, str] = {
    "consents": "UPDATE consents SET user_id = $2 WHERE user_id = $1",
    "payment_methods": "UPDATE payment_methods SET user_id = $2 WHERE user_id = $1",
    "payment_method_refusals": "UPDATE payment_method_refusals SET user_id = $2 WHERE user_id = $1",
    "renewal_notices": f"UPDATE renewal_notices SET user_id = $2 WHERE user_id = $1 AND {OF_HIS_PERIODS}",  # noqa: S608
    "payments": """
        UPDATE payments his SET user_id = $2, idempotency_key = CASE WHEN NOT EXISTS (
            SELECT FROM payments theirs WHERE theirs.user_id = $2
                AND (theirs.caller, theirs.route, theirs.idempotency_key) = (his.caller, his.route, his.idempotency_key)
        ) THEN his.idempotency_key END
        WHERE his.user_id = $1
    """,
    "card_bindings": """
        UPDATE card_bindings his SET user_id = $2, idempotency_key = CASE WHEN NOT EXISTS (
            SELECT FROM card_bindings theirs WHERE theirs.user_id = $2
                AND (theirs.caller, theirs.idempotency_key) = (his.caller, his.idempotency_key)
        ) THEN his.idempotency_key END
        WHERE his.user_id = $1
    """,
    # A key has no blanks, so that nobody can ask with this one.
    "grants": f"""
        UPDATE grants his SET user_id = $2, idempotency_key = CASE WHEN EXISTS (
            SELECT FROM grants theirs WHERE theirs.user_id = $2
                AND (theirs.caller, theirs.idempotency_key) = (his.caller, his.idempotency_key)
        ) THEN his.idempotency_key || ' of ' || his.id ELSE his.idempotency_key END
        WHERE his.user_id = $1 AND {OF_HIS_PERIODS}
    """,  # noqa: S608 (our own constant)
    # In a batch that both are of he stays who he was, with what he was given.
    "grant_batch_members": """
        UPDATE grant_batch_members his SET user_id = $2 WHERE his.user_id = $1 AND NOT EXISTS (
            SELECT FROM grant_batch_members theirs WHERE (theirs.batch_id, theirs.user_id) = (his.batch_id, $2))
    """,
    "receipt_contacts": """
        WITH his AS (DELETE FROM receipt_contacts WHERE user_id = $1 RETURNING sealed, changed_at)
        INSERT INTO receipt_contacts (user_id, sealed, changed_at) SELECT $2, sealed, changed_at FROM his
        ON CONFLICT (user_id) DO NOTHING
    """,
    "daily_usage": """
        WITH his AS (DELETE FROM daily_usage WHERE user_id = $1 RETURNING date, photo_ai_requests, holds, nameless)
        INSERT INTO daily_usage AS theirs (user_id, date, photo_ai_requests, holds, nameless)
        SELECT $2, date, photo_ai_requests, holds, nameless FROM his WHERE photo_ai_requests > 0 OR holds <> '{}'
        ON CONFLICT (user_id, date) DO UPDATE SET
            photo_ai_requests = theirs.photo_ai_requests + excluded.photo_ai_requests,
            holds = theirs.holds || excluded.holds,
            nameless = both_nameless(theirs.nameless, excluded.nameless)
    """,
    "daily_feature_usage": """
        WITH his AS (DELETE FROM daily_feature_usage WHERE user_id = $1 RETURNING date, feature, used, holds, nameless)
        INSERT INTO daily_feature_usage AS theirs (user_id, date, feature, used, holds, nameless)
        SELECT $2, date, feature, used, holds, nameless FROM his
        ON CONFLICT (user_id, date, feature) DO UPDATE SET
            used = theirs.used + excluded.used, holds = theirs.holds || excluded.holds,
            nameless = both_nameless(theirs.nameless, excluded.nameless)
    """,
    "usage_operations": "UPDATE usage_operations SET user_id = $2 WHERE user_id = $1",
}
# These name a user too, and do not go along.
STAYS: Mapping[str, str] = {
    "subscriptions": "the lock of either; what it says of renewal is set as a whole",
    "access_changes": "made of the periods, anew for both",
    "user_moves": "who became whom",
    **dict.fromkeys(("outbox_events", "event_streams"), "what was told of a number was told of that one"),
    "audit_log": "what was done was done to that number, and the log is never changed",
    **dict.fromkeys(
        ("legacy_access", "legacy_differences"), "what the old tables said of a number: evidence"
    ),
}

DEFER = """
    SET CONSTRAINTS fk_subscription_periods_payment_terms, fk_payments_consent, fk_payments_payment_method,
        fk_payments_notice, fk_payment_methods_consent, fk_card_bindings_consent DEFERRED
"""
MARK = (
    "UPDATE subscriptions SET moved_to = CASE user_id WHEN $1 THEN $2::bigint END WHERE user_id IN ($1, $2)"
)


async def begin(tx: Transaction, from_user_id: int, to_user_id: int, zone: str) -> datetime:
    """From here on rows may go from the one to the other: their own rows say so, and what names them is looked at in
    the end. Nobody uses anything of either today until this is committed. Answers the instant of the move."""
    await tx.execute(DEFER)
    await tx.execute(MARK, from_user_id, to_user_id)
    for user_id in sorted((from_user_id, to_user_id)):
        await tx.rows("SELECT lock_usage_day($1, usage_day(billing_now(), $2))", user_id, zone)
    now: datetime = await tx.value("SELECT billing_now()")
    return now


class Known(NamedTuple):
    """A move as it was written down."""

    id: UUID
    from_user_id: int
    to_user_id: int
    moved_at: datetime
    moved: Mapping[str, int]


LAST = """
    SELECT id, from_user_id, to_user_id, moved_at, moved FROM user_moves
    WHERE from_user_id = $1 ORDER BY moved_at DESC, id LIMIT 1
"""


async def get_last(tx: Transaction, from_user_id: int) -> Known | None:
    """The last time that this number became another one."""
    row = await tx.row(LAST, from_user_id)
    return None if row is None else _known(row)


# What is open in a shop that is no longer ours ends no more; a charge there is ended by a person (`resolutions`).
HINDRANCES = """
    SELECT CASE WHEN payment_method_id IS NULL THEN 'open_payment' ELSE 'charge_in_flight' END AS because, user_id
    FROM payments WHERE user_id IN ($1, $2) AND status IN ('PENDING', 'WAITING_FOR_CAPTURE')
        AND (payment_method_id IS NOT NULL OR (shop_id, is_test) = ($3, $4))
    UNION ALL
    SELECT 'open_binding', user_id FROM card_bindings WHERE user_id IN ($1, $2) AND status = 'PENDING'
        AND (shop_id, is_test) = ($3, $4)
    UNION ALL
    SELECT 'both_have_methods', his.user_id FROM payment_methods his JOIN payment_methods theirs
        ON (theirs.shop_id, theirs.is_test) = (his.shop_id, his.is_test)
    WHERE (his.user_id, theirs.user_id) = ($1, $2) AND (his.status, theirs.status) = ('ACTIVE', 'ACTIVE')
    ORDER BY because, user_id LIMIT 1
"""


class Hindrance(NamedTuple):
    """Why it cannot be done now, and of which of the two."""

    because: str
    user_id: int


async def get_hindrance(
    tx: Transaction, from_user_id: int, to_user_id: int, *, shop_id: str, is_test: bool
) -> Hindrance | None:
    row = await tx.row(HINDRANCES, from_user_id, to_user_id, shop_id, is_test)
    return None if row is None else Hindrance(**row)


BOTH_LINES = """
    SELECT id, period_line(chain) AS line, lower(span) AS start, upper(span) AS "end"
    FROM subscription_periods WHERE user_id IN ($1, $2) AND NOT isempty(span) ORDER BY lower(span), id
"""


async def list_lines(tx: Transaction, from_user_id: int, to_user_id: int) -> Sequence[Sequence[Span]]:
    """The spans of both, line by line."""
    lines: dict[str, list[Span]] = {}
    for row in await tx.rows(BOTH_LINES, from_user_id, to_user_id):
        lines.setdefault(row["line"], []).append(Span(row["id"], row["start"], row["end"]))
    return list(lines.values())


# One statement, so that a look at what it changed sees all of it. Of what is empty already only the number changes.
MOVE_PERIODS = """
    UPDATE subscription_periods period SET user_id = $2,
        span = CASE WHEN merged.id IS NULL THEN period.span ELSE tstzrange(merged.start, merged.end) END,
        cut = period.cut + coalesce(merged.cut, interval '0')
    FROM subscription_periods before LEFT JOIN
        unnest($3::bigint[], $4::timestamptz[], $5::timestamptz[], $6::interval[]) AS merged (id, start, "end", cut)
        ON merged.id = before.id
    WHERE period.id = before.id AND before.user_id IN ($1, $2)
        AND (before.user_id = $1 OR before.span <> tstzrange(merged.start, merged.end))
    RETURNING before.user_id = $1 AS is_his
"""
FORGET_CHANGES = "DELETE FROM access_changes WHERE user_id = $1"


async def move_periods(tx: Transaction, from_user_id: int, to_user_id: int, merged: Sequence[Merged]) -> int:
    """All of the one are the other's, and both lie in one line; how many were moved."""
    await tx.execute(FORGET_CHANGES, from_user_id)
    rows = await tx.rows(
        MOVE_PERIODS,
        *(from_user_id, to_user_id),
        [one.span.id for one in merged],
        [one.span.start for one in merged],
        [one.span.end for one in merged],
        [one.cut for one in merged],
    )
    return sum(row["is_his"] for row in rows)


async def move_rows(tx: Transaction, from_user_id: int, to_user_id: int) -> Mapping[str, int]:
    """Everything else, table by table; how many rows."""
    moved = {}
    for table, statement in STATEMENTS.items():
        moved[table] = len(await tx.rows(f"{statement} RETURNING 1", from_user_id, to_user_id))
    return moved


# The wish to renew goes with what would be charged; whoever has nothing to charge renews nothing.
SETTLE = """
    WITH his AS (SELECT auto_renew, auto_renew_since FROM subscriptions WHERE user_id = $1), left_alone AS (
        UPDATE subscriptions SET auto_renew = false, end_due_at = NULL, updated_at = billing_now() WHERE user_id = $1
    )
    UPDATE subscriptions theirs SET
        auto_renew = CASE WHEN $3 THEN his.auto_renew ELSE theirs.auto_renew END,
        auto_renew_since = CASE WHEN $3 THEN his.auto_renew_since ELSE theirs.auto_renew_since END,
        updated_at = billing_now()
    FROM his WHERE user_id = $2
"""
CAN_BE_CHARGED = """
    SELECT EXISTS (
        SELECT FROM payment_methods WHERE user_id = $1 AND (shop_id, is_test) = ($2, $3) AND status = 'ACTIVE')
"""
LOOK = "UPDATE subscriptions SET renewal_look_at = billing_now() WHERE user_id = $1 AND auto_renew"


async def can_be_charged(tx: Transaction, user_id: int, *, shop_id: str, is_test: bool) -> bool:
    """Whether he has a live payment method of this shop."""
    return bool(await tx.value(CAN_BE_CHARGED, user_id, shop_id, is_test))


async def settle(tx: Transaction, from_user_id: int, to_user_id: int, *, brings_method: bool) -> None:
    """What the rows of both say of renewal and of the end of access; `brings_method`: the live one came along.

    Nothing ends for the old number: that he has moved is told instead.
    """
    await tx.execute(SETTLE, from_user_id, to_user_id, brings_method)
    await tx.execute(LOOK, to_user_id)
    await tx.execute("SELECT note_end($1)", to_user_id)


INSERT = """
    INSERT INTO user_moves (id, from_user_id, to_user_id, moved_at, moved) VALUES ($1, $2, $3, $4, $5::jsonb)
    RETURNING id, from_user_id, to_user_id, moved_at, moved
"""
INSERT_CUTS = """
    INSERT INTO user_move_cuts (period_id, move_id, cut)
    SELECT period_id, $1, cut FROM unnest($2::bigint[], $3::interval[]) AS cuts (period_id, cut)
"""


async def insert_move(
    tx: Transaction,
    move_id: UUID,
    *,
    from_user_id: int,
    to_user_id: int,
    moved_at: datetime,
    moved: Mapping[str, int],
    cuts: Mapping[int, timedelta],
) -> Known:
    """`cuts`: by the number of the period."""
    row = await tx.row(INSERT, move_id, from_user_id, to_user_id, moved_at, json.dumps(moved))
    await tx.execute(INSERT_CUTS, move_id, list(cuts), list(cuts.values()))
    return _known(row or {})


def _known(row: Row) -> Known:
    return Known(**{**row, "moved": json.loads(row["moved"])})


KNOWN_AS = """
    WITH RECURSIVE known AS (
        SELECT $1::bigint AS user_id
        UNION SELECT s.user_id FROM known JOIN subscriptions s ON s.moved_to = known.user_id
    )
    SELECT user_id FROM known ORDER BY user_id
"""


async def list_known_as(tx: Transaction, user_id: int) -> Sequence[int]:
    """Every number under which this user was ever known here, his own included."""
    return [row["user_id"] for row in await tx.rows(KNOWN_AS, user_id)]
