"""A clock that was ahead leaves instants behind that no rule can have asked for: here they are brought back.

What they would do otherwise: questions and leases sleep for as long as the clock was ahead, a dead link counts as just
seen, and a request may be posted again when the provider has long forgotten its key.
"""

from billing_service.kit.clock import AGREE_WITHIN, Strays
from billing_service.kit.transaction import Transaction
from billing_service.provider_calls.asking import BETWEEN_PASSES
from billing_service.provider_calls.kinds import Kind, Row, Seen
from billing_service.provider_calls.ladder import LADDER
from billing_service.provider_calls.sending import LEASE

# The longest wait that the ladder can have asked for, of an intent of this age and of every younger one.
*_RUNGS, (_, _LAST) = LADDER
_WHENS = " ".join(
    f"WHEN at - created_at < interval '{until.total_seconds()} seconds' THEN interval '{wait.total_seconds()} seconds'"
    for until, wait in _RUNGS
)
LONGEST_WAIT = f"CASE {_WHENS} ELSE interval '{_LAST.total_seconds()} seconds' END"


def _statement(kind: Kind[Row, Seen]) -> str:
    """`last_sent_at` stays: until it is over nobody concludes that the provider never had it, which is safe."""
    return f"""
        WITH clock AS (SELECT billing_now() AS at), stray AS (
            SELECT id, ahead FROM (
                SELECT id, greatest(
                    created_at, seen_at, absent_since, first_sent_at, send_lease_until - $2::interval,
                    next_ask_at - greatest({LONGEST_WAIT}, CASE WHEN absent_since IS NOT NULL THEN $3::interval END)
                ) - at AS ahead
                FROM {kind.table}, clock WHERE status = ANY($1)
            ) open WHERE ahead > $4::interval
        ), locked AS (
            SELECT intent.id FROM {kind.table} intent JOIN stray USING (id) FOR UPDATE OF intent SKIP LOCKED
        ), moved AS (
            UPDATE {kind.table} intent SET
                created_at = least(created_at, at),
                seen_at = CASE WHEN seen_at > at THEN at ELSE seen_at END,
                absent_since = CASE WHEN absent_since > at THEN at ELSE absent_since END,
                send_lease_until = CASE WHEN send_lease_until > at THEN at ELSE send_lease_until END,
                next_ask_at = CASE WHEN next_ask_at > at THEN at ELSE next_ask_at END,
                -- When it was really sent nobody knows; the provider may have forgotten its key. The lists decide.
                first_sent_at = CASE WHEN first_sent_at > at + $4::interval THEN at - interval '24 hours'
                                     ELSE first_sent_at END
            FROM locked, clock WHERE intent.id = locked.id
        )
        SELECT count(*) AS found, max(ahead) AS ahead FROM stray
    """  # noqa: S608 (names of our own tables)


async def bring_back(tx: Transaction, kind: Kind[Row, Seen]) -> Strays:
    """Open intents whose instants lie further ahead than any rule can have put them. Safe to repeat at any time."""
    row = await tx.row(_statement(kind), list(kind.open), LEASE, BETWEEN_PASSES, AGREE_WITHIN)
    return Strays(**row or {})
