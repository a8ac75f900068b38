"""The SQL of batches."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from billing_service.kit.transaction import Transaction


class Filter(StrEnum):
    """Who was PRO at an instant; `paid`: by days that were paid for."""

    PRO = "pro"
    PAID = "paid"


@dataclass(frozen=True)
class Audience:
    """Everybody a filter finds at an instant (None: now), or these users; `text` names it, the same for the same."""

    text: str
    filter: Filter | None = None
    at: datetime | None = None
    user_ids: Sequence[int] = ()


def listed(user_ids: Sequence[int]) -> Audience:
    """These users, each once, in whatever order they are named."""
    users = sorted(set(user_ids))
    digest = hashlib.sha256(repr(users).encode()).hexdigest()[:16]
    return Audience(f"{len(users)} listed users ({digest})", user_ids=users)


class Batch(NamedTuple):
    id: UUID
    name: str
    audience: str
    plan_code: str
    days: int
    author: str
    reason: str
    revoked_at: datetime | None


class Member(NamedTuple):
    """A user of a batch: when his PRO ends or has ended, None if he never had any; `grant_id` once he has his days."""

    user_id: int
    ends: datetime | None
    grant_id: UUID | None


CHOSEN: Mapping[Filter | None, str] = {
    Filter.PRO: """
        SELECT DISTINCT user_id FROM subscription_periods
        WHERE span @> coalesce($1::timestamptz, billing_now()) AND gives_pro(plan_code, chain) AND $2::bigint[] = '{}'
    """,
    Filter.PAID: """
        SELECT DISTINCT user_id FROM subscription_periods
        WHERE span @> coalesce($1::timestamptz, billing_now()) AND gives_pro(plan_code, chain) AND cause = 'payment'
            AND $2::bigint[] = '{}'
    """,
    # Who has become another number since is meant by his old one too.
    None: """
        WITH RECURSIVE known AS (
            SELECT unnest($2::bigint[]) AS user_id WHERE $1::timestamptz IS NULL
            UNION SELECT s.moved_to FROM known JOIN subscriptions s USING (user_id) WHERE s.moved_to IS NOT NULL
        )
        SELECT user_id FROM known WHERE NOT EXISTS (
            SELECT FROM subscriptions s WHERE s.user_id = known.user_id AND s.moved_to IS NOT NULL)
    """,
}
LOOK = "SELECT user_id, pro_ends(user_id) AS ends, NULL::uuid AS grant_id FROM ({chosen}) chosen ORDER BY user_id"


async def list_chosen(tx: Transaction, audience: Audience) -> Sequence[Member]:
    """Whom a batch that began now would have."""
    statement = LOOK.format(chosen=CHOSEN[audience.filter])
    rows = await tx.rows(statement, audience.at, list(audience.user_ids))
    return [Member(**row) for row in rows]


GET = "SELECT id, name, audience, plan_code, days, author, reason, revoked_at FROM grant_batches"


async def get_batch(tx: Transaction, name: str) -> Batch | None:
    row = await tx.row(f"{GET} WHERE name = $1", name)
    return None if row is None else Batch(**row)


async def get_batch_by_id(tx: Transaction, batch_id: UUID) -> Batch | None:
    row = await tx.row(f"{GET} WHERE id = $1", batch_id)
    return None if row is None else Batch(**row)


INSERT = """
    INSERT INTO grant_batches (id, name, audience, plan_code, days, author, reason)
    VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (name) DO NOTHING RETURNING id
"""


async def insert_batch_once(tx: Transaction, batch: Batch) -> bool:
    """False if there is one of this name, also one that begins at this moment: this waits until it has."""
    return await tx.value(INSERT, *batch[:-1]) is not None


CHOOSE = "INSERT INTO grant_batch_members (batch_id, user_id) SELECT $3, user_id FROM ({chosen}) chosen"


async def insert_members(tx: Transaction, batch_id: UUID, audience: Audience) -> None:
    statement = CHOOSE.format(chosen=CHOSEN[audience.filter])
    await tx.execute(statement, audience.at, list(audience.user_ids), batch_id)


MEMBERS = """
    SELECT user_id, pro_ends(user_id) AS ends, grant_id FROM grant_batch_members WHERE batch_id = $1 ORDER BY user_id
"""


async def list_members(tx: Transaction, batch_id: UUID) -> Sequence[Member]:
    return [Member(**row) for row in await tx.rows(MEMBERS, batch_id)]


# Held until the days are committed: whoever takes the batch back waits for them, and then finds them.
OPEN = "SELECT revoked_at IS NULL FROM grant_batches WHERE id = $1 FOR SHARE"
GIVE = "UPDATE grant_batch_members SET grant_id = $3 WHERE batch_id = $1 AND user_id = $2"
# Of two members who have become one since, the one under the old number may have had his days already.
TAKE_OVER = (
    "UPDATE grant_batch_members SET grant_id = NULL WHERE batch_id = $1 AND grant_id = $3 AND user_id <> $2"
)


async def lock_open(tx: Transaction, batch_id: UUID) -> bool:
    """False once it was taken back."""
    is_open: bool = await tx.value(OPEN, batch_id)
    return is_open


async def set_given(tx: Transaction, batch_id: UUID, user_id: int, grant_id: UUID) -> None:
    await tx.execute(TAKE_OVER, batch_id, user_id, grant_id)
    await tx.execute(GIVE, batch_id, user_id, grant_id)


REVOKE = """
    UPDATE grant_batches SET revoked_at = billing_now(), revoked_by = $2, revoke_reason = $3
    WHERE id = $1 AND revoked_at IS NULL RETURNING id
"""


async def set_revoked(tx: Transaction, batch_id: UUID, *, author: str, reason: str) -> bool:
    """False if it was already."""
    return await tx.value(REVOKE, batch_id, author, reason) is not None


STANDING = """
    SELECT grant_id FROM grant_batch_members m JOIN grants g ON g.id = m.grant_id
    WHERE m.batch_id = $1 AND g.revoked_at IS NULL ORDER BY m.user_id
"""


async def list_standing(tx: Transaction, batch_id: UUID) -> Sequence[UUID]:
    """Its grants that were not taken back."""
    return [row["grant_id"] for row in await tx.rows(STANDING, batch_id)]


class Standing(NamedTuple):
    """The grants of a batch that were not taken back, and those of them of which something is left."""

    grants: int
    unused: int


COUNT_STANDING = """
    SELECT count(*) AS grants, count(*) FILTER (WHERE upper(lies.span) > billing_now()) AS unused
    FROM grant_batch_members m JOIN grants g ON g.id = m.grant_id
        JOIN subscription_periods lies ON lies.id = g.period_id
    WHERE m.batch_id = $1 AND g.revoked_at IS NULL
"""


async def count_standing(tx: Transaction, batch_id: UUID) -> Standing:
    return Standing(**await tx.row(COUNT_STANDING, batch_id) or {})


class Taken(NamedTuple):
    """How much of a user's grant was taken back; None if it was not."""

    user_id: int
    grant_id: UUID
    time: timedelta | None


TAKEN = """
    SELECT m.user_id, m.grant_id, g.taken AS time
    FROM grant_batch_members m JOIN grants g ON g.id = m.grant_id WHERE m.batch_id = $1 ORDER BY m.user_id
"""


async def list_taken(tx: Transaction, batch_id: UUID) -> Sequence[Taken]:
    return [Taken(**row) for row in await tx.rows(TAKEN, batch_id)]
