"""The SQL by which a user's row there becomes his days here, behind those that he has here already."""

from collections.abc import Sequence

from billing_service.kit.transaction import Transaction

# Whoever has days that came to be here, or to this number with another user; of one user at a time, by their index. A
# day that only tried the shop is none of them.
ITS_LINE = "period_line(period_chain(false, o.plan_code))"
HAS_DAYS_HERE = (
    "(EXISTS (SELECT FROM subscription_periods own WHERE own.user_id = o.user_id AND own.cause <> 'import'"  # noqa: S608
    f" AND period_line(own.chain) = {ITS_LINE})"
    " OR EXISTS (SELECT FROM user_moves m WHERE m.to_user_id = o.user_id))"
)
# His row there was taken over before, what he paid there has given its days here, or the row came from here: what the
# way back has written there bears what was paid here, is no older than his days here, or ends with them.
WAS_TAKEN = f"""
    (EXISTS (SELECT FROM legacy_access known WHERE known.user_id = o.user_id) OR EXISTS (
        SELECT FROM subscription_periods own JOIN payments p ON p.id = own.payment_id
        WHERE own.user_id = o.user_id AND p.caller = 'legacy'
    ) OR EXISTS (
        SELECT FROM old_payments back JOIN payments p ON p.id = back.id
        WHERE back.user_id = o.user_id AND p.caller <> 'legacy'
    ) OR NOT EXISTS (
        SELECT FROM old_access row CROSS JOIN LATERAL (
            SELECT min(own.granted_at) FILTER (WHERE own.cause <> 'import') AS since, max(upper(own.span)) AS ends
            FROM subscription_periods own WHERE own.user_id = o.user_id AND period_line(own.chain) = {ITS_LINE}
        ) here
        WHERE row.user_id = o.user_id AND row.untaken IS NULL AND upper(row.span) IS DISTINCT FROM here.ends
            AND row.created_at < least(
                here.since, (SELECT min(m.moved_at) FROM user_moves m WHERE m.to_user_id = o.user_id))))
"""  # noqa: S608
# His row there orders nothing any more. The first time it is taken over though he has days here: what he paid there
# until then is used, or lies in it.
LIVES_HERE = f"({HAS_DAYS_HERE} AND {WAS_TAKEN})"
# A day has 24 hours, and the part of the last one that is not there is cut.
LENGTH = "coalesce(upper({0}) - lower({0}), interval '0')"
DAYS = f"greatest(ceil(extract(epoch FROM {LENGTH}) / 86400), 1)::integer"
CUT = f"{DAYS} * interval '24 hours' - {LENGTH}"
ROW = "plan_code, start_date, end_date, is_active"
# Whose row there is another one than when it was last taken over; none of those who live here. It lies here as it did
# there, `lies`; what is left of it behind the days that its user has here.
CHANGED = f"""
    SELECT o.*, known.period_id, known.span AS was, CASE WHEN NOT {HAS_DAYS_HERE} THEN o.span
        WHEN upper(o.span) > billing_now() THEN (
            SELECT tstzrange(behind, behind + (upper(o.span) - greatest(lower(o.span), billing_now()))) FROM (
                SELECT greatest(max(upper(p.span)), billing_now()) AS behind FROM subscription_periods p
                WHERE p.user_id = o.user_id AND period_line(p.chain) = {ITS_LINE}) last) END AS lies
    FROM old_access o LEFT JOIN legacy_access known USING (user_id)
    WHERE o.user_id = ANY($1) AND o.untaken IS NULL AND NOT {LIVES_HERE}
        AND (o.plan_code, o.start_date, o.end_date, o.is_active)
            IS DISTINCT FROM (known.plan_code, known.start_date, known.end_date, known.is_active)
"""  # noqa: S608
# The span of the import goes along with its row there, as long as nobody has touched it here; not before the end of one
# that was over when this one came.
BEHIND_THE_LAST = """
    coalesce((
        SELECT max(upper(before.span)) FROM subscription_periods before
        WHERE before.user_id = p.user_id AND before.chain = p.chain AND before.id <> p.id
            AND upper(before.span) <= lower(p.span)), '-infinity')
"""
MOVE = f"""
    WITH there AS MATERIALIZED (
        SELECT c.user_id, c.plan_code, c.start_date, c.end_date, c.is_active, c.period_id, {BEHIND_THE_LAST} AS behind,
            coalesce(
                c.span, tstzrange(lower(c.was), least(upper(c.was), greatest(c.updated_at, lower(c.was))))) AS span
        FROM ({CHANGED}) c JOIN subscription_periods p ON p.id = c.period_id AND p.span = c.was
        WHERE c.span IS NULL OR lower(c.span) < upper(c.was)
    ), changed AS (
        SELECT user_id, plan_code, start_date, end_date, is_active, period_id,
            CASE WHEN lower(span) < behind THEN tstzrange(behind, greatest(upper(span), behind)) ELSE span END AS span
        FROM there
    ), moved AS (
        UPDATE subscription_periods p SET span = c.span, days = {DAYS.format("c.span")}, cut = {CUT.format("c.span")},
            plan_code = CASE WHEN c.plan_code = 'FREE' THEN p.plan_code ELSE c.plan_code END
        FROM changed c WHERE p.id = c.period_id AND (p.span, p.plan_code) IS DISTINCT FROM (c.span, c.plan_code)
    )
    UPDATE legacy_access known SET ({ROW}, span, imported_at)
        = ROW (c.plan_code, c.start_date, c.end_date, c.is_active, c.span, billing_now())
    FROM changed c WHERE known.user_id = c.user_id
"""  # noqa: S608
AGAIN = """
    ON CONFLICT (user_id) DO UPDATE SET plan_code = excluded.plan_code, start_date = excluded.start_date,
        end_date = excluded.end_date, is_active = excluded.is_active, span = excluded.span,
        period_id = excluded.period_id, imported_at = excluded.imported_at
"""
# The first span of a user, or one that begins after the last had ended.
LAY = f"""
    WITH changed AS MATERIALIZED (
        SELECT * FROM ({CHANGED}) o WHERE lies IS NOT NULL AND NOT EXISTS (
            SELECT FROM subscription_periods p WHERE p.user_id = o.user_id AND upper(p.span) > lower(o.lies)
                AND period_line(p.chain) = {ITS_LINE})
    ), laid AS (
        INSERT INTO subscription_periods (user_id, plan_code, cause, days, cut, granted_at, span)
        SELECT user_id, plan_code, 'import', {DAYS.format("lies")}, {CUT.format("lies")},
            least(lower(lies), billing_now()), lies
        FROM changed ORDER BY user_id RETURNING user_id, id
    )
    INSERT INTO legacy_access (user_id, {ROW}, span, period_id)
    SELECT user_id, {ROW}, span, laid.id FROM laid JOIN changed USING (user_id)
    {AGAIN}
"""  # noqa: S608
WITHOUT_SPAN = f"""
    INSERT INTO legacy_access (user_id, {ROW}, span) SELECT user_id, {ROW}, span FROM ({CHANGED}) c
    WHERE lies IS NULL AND period_id IS NULL
    {AGAIN}
"""  # noqa: S608


async def lay(tx: Transaction, users: Sequence[int]) -> None:
    """The days of these users as they are there now. Their payments are written before: who lives here is known so."""
    for statement in (MOVE, LAY, WITHOUT_SPAN):
        await tx.execute(statement, users)


# Each period once; what moves it is told as what it is.
PERIODS = """
    SELECT user_id, 'legacy.import:' || user_id || CASE WHEN EXISTS (
        SELECT FROM subscription_periods before
        WHERE before.user_id = a.user_id AND before.cause = 'import' AND before.id < a.period_id
    ) THEN ':' || period_id ELSE '' END AS once
    FROM legacy_access a WHERE period_id IS NOT NULL
"""
UNTOLD = f"""
    SELECT user_id FROM ({PERIODS} AND {{whose}}) named
    WHERE NOT EXISTS (SELECT FROM outbox_events told WHERE told.once = named.once) ORDER BY user_id
"""  # noqa: S608
UNTOLD_BETWEEN = UNTOLD.format(whose="user_id > $1 AND user_id <= $2")
UNTOLD_AMONG = UNTOLD.format(whose="user_id = ANY($1)")
TELL = f"""
    SELECT record_event('subscription.imported', user_id, '{{}}', true, once)
    FROM ({PERIODS} AND user_id = ANY($1)) named ORDER BY user_id
"""  # noqa: S608
TELL_OF_CARDS = """
    SELECT record_event('subscription.imported', user_id, '{}', true) FROM unnest($1::bigint[]) AS came (user_id)
    ORDER BY user_id
"""


async def list_untold(tx: Transaction, after: int, until: int) -> Sequence[int]:
    """Those of these users of whose days the main backend was not told yet."""
    return [row["user_id"] for row in await tx.rows(UNTOLD_BETWEEN, after, until)]


async def tell_of_cards(tx: Transaction, users: Sequence[int]) -> None:
    """The main backend, of those whose card has come alone: who has days that were not told yet is told of both."""
    untold = {row["user_id"] for row in await tx.rows(UNTOLD_AMONG, users)}
    await tx.execute(TELL_OF_CARDS, [user_id for user_id in users if user_id not in untold])


async def tell(tx: Transaction, users: Sequence[int]) -> None:
    """The main backend, of every period that has come, with all that its user has now. Safe to repeat."""
    await tx.execute(TELL, users)
