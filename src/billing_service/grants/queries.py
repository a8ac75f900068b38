"""The SQL of grants."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from billing_service.kit.transaction import Transaction


class Granted(NamedTuple):
    """A grant with its period as it lies now; `begins` and `ends` are None once nothing is left of it."""

    id: UUID
    user_id: int
    period_id: int
    plan_code: str
    days: int
    author: str
    reason: str
    begins: datetime | None
    ends: datetime | None
    created_at: datetime
    revoked_at: datetime | None
    revoked_by: str | None
    revoke_reason: str | None
    request_fingerprint: str


FOUND = """
    SELECT g.id, g.user_id, g.period_id, p.plan_code, p.days, p.author, p.reason, lower(p.span) AS begins,
        upper(p.span) AS ends, g.created_at, g.revoked_at, g.revoked_by, g.revoke_reason, g.request_fingerprint
    FROM grants g JOIN subscription_periods p ON p.id = g.period_id
"""
BY_ID = f"{FOUND} WHERE g.id = $1"
BY_KEY = f"{FOUND} WHERE g.caller = $1 AND g.user_id = $2 AND g.idempotency_key = $3"
OF_USER = f"{FOUND} WHERE g.user_id = $1 ORDER BY g.period_id DESC"


async def get_grant(tx: Transaction, grant_id: UUID) -> Granted | None:
    row = await tx.row(BY_ID, grant_id)
    return None if row is None else Granted(**row)


async def get_by_idempotency_key(tx: Transaction, *, caller: str, user_id: int, key: str) -> Granted | None:
    row = await tx.row(BY_KEY, caller, user_id, key)
    return None if row is None else Granted(**row)


async def list_grants(tx: Transaction, user_id: int) -> Sequence[Granted]:
    return [Granted(**row) for row in await tx.rows(OF_USER, user_id)]


GIVEN = """
    SELECT id FROM grants
    WHERE period_id = ANY (ARRAY(SELECT id FROM subscription_periods WHERE user_id = $1)) AND idempotency_key = $2
    ORDER BY created_at LIMIT 1
"""


async def get_given(tx: Transaction, user_id: int, key: str) -> UUID | None:
    """The grant that the user has under this key, whoever gave it."""
    grant_id: UUID | None = await tx.value(GIVEN, user_id, key)
    return grant_id


class Cut(NamedTuple):
    """What was taken off a period, and by what: `refund`, or `revocation` of the grant; `id` names which one. `moved`:
    it was not taken, but used beside another period before two users became one, which is the move that `id` names."""

    by: str
    id: UUID
    seconds: int
    at: datetime


class Lying(NamedTuple):
    """A period as it lies now; `begins` and `ends` are None once nothing is left of it."""

    id: int
    plan_code: str
    cause: str
    days: int
    is_test: bool
    payment_id: UUID | None
    grant_id: UUID | None
    author: str | None
    reason: str | None
    granted_at: datetime
    begins: datetime | None
    ends: datetime | None
    cuts: Sequence[Cut]
    used_beside: Sequence[Cut]


MOVED = "moved"
PERIODS = """
    SELECT s.id, s.plan_code, s.cause, s.days, s.is_test, s.payment_id, g.id AS grant_id, s.author, s.reason,
        s.granted_at, lower(s.span) AS begins, upper(s.span) AS ends,
        coalesce(cuts.by, '{}') AS cut_by, coalesce(cuts.ids, '{}') AS cut_ids,
        coalesce(cuts.seconds, '{}') AS cut_seconds, coalesce(cuts.at, '{}') AS cut_at
    FROM subscription_periods s LEFT JOIN grants g ON g.period_id = s.id
    CROSS JOIN LATERAL (
        SELECT array_agg(by ORDER BY at) AS by, array_agg(id ORDER BY at) AS ids, array_agg(at ORDER BY at) AS at,
            array_agg(trunc(extract(epoch FROM taken))::bigint ORDER BY at) AS seconds
        FROM (
            SELECT 'refund' AS by, r.id, r.applied_at AS at, r.access_cut AS taken
            FROM refunds r WHERE r.payment_id = s.payment_id AND r.access_cut > interval '0'
            UNION ALL
            SELECT 'revocation', g.id, g.revoked_at, g.taken WHERE g.taken > interval '0'
            UNION ALL
            SELECT 'moved', m.id, m.moved_at, c.cut
            FROM user_move_cuts c JOIN user_moves m ON m.id = c.move_id WHERE c.period_id = s.id
        ) taken
    ) cuts
    WHERE s.user_id = $1 ORDER BY s.id
"""


async def list_periods(tx: Transaction, user_id: int) -> Sequence[Lying]:
    """Every period of a user, in the order in which they were given, those of which nothing is left too."""
    return [_lying(dict(row)) for row in await tx.rows(PERIODS, user_id)]


def _lying(row: dict[str, Any]) -> Lying:
    facts = [row.pop(name) for name in ("cut_by", "cut_ids", "cut_seconds", "cut_at")]
    cuts = [Cut(*fact) for fact in zip(*facts, strict=True)]
    return Lying(
        **row,
        cuts=[cut for cut in cuts if cut.by != MOVED],
        used_beside=[cut for cut in cuts if cut.by == MOVED],
    )


INSERT = """
    INSERT INTO grants (id, user_id, period_id, caller, idempotency_key, request_fingerprint)
    VALUES ($1, $2, $3, $4, $5, $6)
"""


async def insert_grant(
    tx: Transaction,
    *,
    grant_id: UUID,
    user_id: int,
    period_id: int,
    caller: str,
    key: str,
    fingerprint: str,
) -> None:
    await tx.execute(INSERT, grant_id, user_id, period_id, caller, key, fingerprint)


REVOKE = """
    UPDATE grants SET revoked_at = billing_now(), revoked_by = $2, revoke_reason = $3, taken = $4
    WHERE id = $1 AND revoked_at IS NULL
"""


async def set_revoked(tx: Transaction, grant_id: UUID, *, author: str, reason: str, taken: timedelta) -> None:
    await tx.execute(REVOKE, grant_id, author, reason, taken)
