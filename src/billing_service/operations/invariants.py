"""Queries that must always return nothing: what must never be false, as far as the rows themselves can tell."""

import asyncio
from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.db import Database
from billing_service.schema.tables import OURS, PINNED

# How many rows of one violation are named; the first few are enough to start looking.
NAMED_AT_MOST = 20

_NAMES = ", ".join(f"('{name}')" for name in [*PINNED, *OURS])

# The days of every feature, those of photos and those of the others alike.
_DAYS = """(
            SELECT user_id, date, 'photo_ai' AS feature, photo_ai_requests AS used, holds FROM daily_usage
            UNION ALL SELECT user_id, date, feature, used, holds FROM daily_feature_usage
        ) d"""

# What of a period was used beside another one before two users became one: used, and not taken back.
_USED_BESIDE = "(SELECT coalesce(sum(m.cut), interval '0') FROM user_move_cuts m WHERE m.period_id = s.id)"

# What must never be false -> a query for the rows that say otherwise: one column, which names the row.
INVARIANTS: Mapping[str, str] = {
    "a paid plan has its period": """
        SELECT p.id FROM payments p LEFT JOIN subscription_periods s ON s.payment_id = p.id
        WHERE p.status = 'SUCCEEDED' AND p.purpose = 'PLAN' AND NOT p.imported
            AND (s.id IS NULL OR p.period_id IS DISTINCT FROM s.id)
    """,
    "a payment never has two periods": """
        SELECT payment_id FROM subscription_periods WHERE payment_id IS NOT NULL
        GROUP BY payment_id HAVING count(*) > 1
    """,
    "a paid period is what its payment bought": """
        SELECT s.id FROM subscription_periods s LEFT JOIN payments p ON p.id = s.payment_id
        WHERE s.cause = 'payment' AND (p.status, p.user_id, p.plan_code, p.duration_days, p.is_test)
            IS DISTINCT FROM ('SUCCEEDED', s.user_id, s.plan_code, s.days, s.is_test)
    """,
    "a span is as long as its days less what was cut": """
        SELECT id FROM subscription_periods
        WHERE coalesce(upper(span) - lower(span), interval '0') IS DISTINCT FROM days * interval '24 hours' - cut
    """,
    "no two spans of a user's chain overlap": """
        SELECT a.id || ' and ' || b.id FROM subscription_periods a
        JOIN subscription_periods b
            ON b.user_id = a.user_id AND b.chain = a.chain AND b.id > a.id AND b.span && a.span
    """,
    "a period still to come begins where another ends": """
        SELECT id FROM subscription_periods adrift
        WHERE lower(span) > billing_now() + interval '2 minutes' AND NOT EXISTS (
            SELECT FROM subscription_periods before WHERE before.user_id = adrift.user_id
                AND period_line(before.chain) = period_line(adrift.chain) AND upper(before.span) = lower(adrift.span)
        )
    """,
    "a period does not begin before it was paid": """
        SELECT s.id FROM subscription_periods s JOIN payments p ON p.id = s.payment_id
        WHERE lower(s.span) < p.paid_at - interval '1 minute'
            AND upper(s.span) > billing_now() AND p.paid_at < billing_now() - interval '2 hours'
    """,
    "a period has exactly one cause": """
        SELECT id FROM subscription_periods
        WHERE cause NOT IN ('payment', 'grant', 'import')
            OR (cause = 'payment') <> (payment_id IS NOT NULL)
            OR (cause = 'grant') <> (author IS NOT NULL AND reason IS NOT NULL)
    """,
    "at most one renewal of a user is open": """
        SELECT user_id FROM payments
        WHERE is_recurring AND surplus_of IS NULL AND status IN ('PENDING', 'WAITING_FOR_CAPTURE')
        GROUP BY user_id, shop_id, is_test HAVING count(*) > 1
    """,
    "a period is renewed at most once": """
        SELECT renewed_period_id FROM payments
        WHERE renewed_period_id IS NOT NULL AND surplus_of IS NULL AND NOT frees_period
            AND status IN ('PENDING', 'WAITING_FOR_CAPTURE', 'SUCCEEDED')
        GROUP BY renewed_period_id HAVING count(*) > 1
    """,
    "no more is refunded than was paid": """
        SELECT p.id FROM payments p JOIN refunds r ON r.payment_id = p.id AND r.status = 'SUCCEEDED'
        GROUP BY p.id, p.amount, p.status HAVING sum(r.amount) > p.amount OR bool_or(r.currency <> p.currency)
            -- One that was learned of first waits, but not for long.
            OR (p.status <> 'SUCCEEDED' AND min(r.updated_at) < billing_now() - interval '1 hour')
    """,
    "a refund that succeeded has had its effect": """
        SELECT r.id FROM refunds r JOIN payments p ON p.id = r.payment_id
        WHERE (r.status, p.status) = ('SUCCEEDED', 'SUCCEEDED') AND (r.applied_at IS NULL OR r.access IS NULL)
    """,
    "no more access is taken than money went back": f"""
        SELECT s.id FROM subscription_periods s JOIN payments p ON p.id = s.payment_id
        LEFT JOIN refunds r ON r.payment_id = p.id AND r.status = 'SUCCEEDED'
        WHERE s.cut > interval '0' GROUP BY s.id, s.cut, s.days, p.id, p.amount
        HAVING extract(epoch FROM s.cut - {_USED_BESIDE}) * p.amount > s.days * 86400 * coalesce(sum(r.amount), 0)
    """,  # noqa: S608 (our own constant)
    "what a paid period lacks is what its refunds took": f"""
        SELECT s.id FROM subscription_periods s LEFT JOIN refunds r ON r.payment_id = s.payment_id
        WHERE s.cause = 'payment' GROUP BY s.id, s.cut
        HAVING s.cut - {_USED_BESIDE} IS DISTINCT FROM coalesce(sum(r.access_cut), interval '0')
    """,  # noqa: S608 (our own constant)
    "whoever has become another number has nothing under the old one": """
        SELECT s.user_id FROM subscriptions s WHERE s.moved_to IS NOT NULL AND (
            s.auto_renew
            OR EXISTS (SELECT FROM subscription_periods x WHERE x.user_id = s.user_id)
            OR EXISTS (SELECT FROM payments x WHERE x.user_id = s.user_id)
            OR EXISTS (SELECT FROM payment_methods x WHERE x.user_id = s.user_id)
            OR EXISTS (SELECT FROM card_bindings x WHERE x.user_id = s.user_id)
            OR EXISTS (SELECT FROM consents x WHERE x.user_id = s.user_id))
    """,
    "a refund made here was asked for by somebody": """
        SELECT id FROM refunds
        WHERE made_by = 'api' AND (author IS NULL OR caller IS NULL OR idempotency_key IS NULL)
    """,
    "every open refund will be asked about": """
        SELECT id FROM refunds WHERE status = 'PENDING' AND next_ask_at IS NULL
    """,
    "the request of a refund is erased once its outcome is known": """
        SELECT id FROM refunds WHERE status <> 'PENDING' AND request_body IS NOT NULL
    """,
    "what the provider made belongs to one refund": """
        SELECT yookassa_refund_id FROM refunds WHERE yookassa_refund_id IS NOT NULL
        GROUP BY yookassa_refund_id HAVING count(*) > 1
    """,
    "counts and holds can be read": f"""
        SELECT user_id || ' on ' || date FROM {_DAYS}
        WHERE used < 0 OR jsonb_typeof(holds) <> 'object' OR EXISTS (
            SELECT FROM jsonb_path_query(holds, '$.*') hold WHERE coalesce(NOT hold @@
                '$.type() == "array" && $.size() == 2 && $[0] >= 1 && $[0] <= 100 && $[1] > 0', true)
        )
    """,  # noqa: S608 (our own constant)
    "a held place is remembered as an operation": f"""
        SELECT d.user_id || ' on ' || d.date || ': ' || operation_id
        FROM {_DAYS}
        CROSS JOIN jsonb_each(jsonb_path_query_first(d.holds, '$ ? (@.type() == "object")')) hold (operation_id, held)
        WHERE d.date > billing_now() - interval '7 days'
            AND held @@ format('$[1] > %s', extract(epoch FROM billing_now()))::jsonpath
            AND NOT EXISTS (
                SELECT FROM usage_operations o WHERE o.operation_id = hold.operation_id
                    AND (o.user_id, o.date, o.feature, o.state) = (d.user_id, d.date, d.feature, 'held')
            )
    """,  # noqa: S608 (our own constant)
    "every open payment will be asked about": """
        SELECT id FROM payments WHERE status IN ('PENDING', 'WAITING_FOR_CAPTURE') AND next_ask_at IS NULL
    """,
    "a request is erased once its outcome is known": """
        SELECT id FROM payments WHERE status <> 'PENDING' AND request_body IS NOT NULL
    """,
    "what the provider made belongs to one payment": """
        SELECT yookassa_payment_id FROM payments WHERE yookassa_payment_id IS NOT NULL
        GROUP BY yookassa_payment_id HAVING count(*) > 1
    """,
    "no card is kept of a notification": """
        SELECT id FROM webhook_logs WHERE raw_payload #> '{object,payment_method,card}' IS NOT NULL
    """,
    "every table has its pinned name": f"""
        SELECT name FROM (VALUES {_NAMES}) pinned (name) WHERE to_regclass('public.' || name) IS NULL
    """,  # noqa: S608 (our own constant names)
}


# What grows with history -> the part of it that belongs to some users, or to the last days. In front of the rules these
# stand in the place of the tables, so that the same rules look at no more than that, and read it once; and before all
# else, whatever the planner thinks of the rest. An array is looked up in an index, however many it may hold.
OF_USERS: Mapping[str, str] = {
    "payments": "SELECT * FROM public.payments WHERE user_id = ANY(CAST(:users AS bigint[]))",
    "subscription_periods": "SELECT * FROM public.subscription_periods WHERE user_id = ANY(CAST(:users AS bigint[]))",
    "refunds": "SELECT * FROM public.refunds WHERE payment_id = ANY(ARRAY(SELECT id FROM payments))",
}
OF_DAYS: Mapping[str, str] = {
    **{
        table: f"SELECT * FROM public.{table} WHERE date > CAST(billing_now() AS date) - 3"  # noqa: S608 (two constants)
        for table in ("daily_usage", "daily_feature_usage")
    },
    "webhook_logs": "SELECT * FROM public.webhook_logs WHERE created_at > billing_now() - interval '3 days'",
}
RULES_OF_USERS = tuple(
    rule for rule, query in INVARIANTS.items() if any(f" {table}" in query for table in OF_USERS)
)
OTHER_RULES = tuple(rule for rule in INVARIANTS if rule not in RULES_OF_USERS)
# A statement of so many ends long before its time is up.
USERS_AT_ONCE = 5000


async def find_violations(connection: AsyncConnection, rule: str) -> Sequence[str]:
    """Names of rows that break this rule of `INVARIANTS`, `NAMED_AT_MOST` of them; empty when all is well."""
    return (await connection.execute(text(_violations(rule)))).scalars().all()


async def find_violations_among(
    connection: AsyncConnection, users: Sequence[int]
) -> Mapping[str, Sequence[str]]:
    """The broken rules, each with names of rows as `find_violations` gives them, of what belongs to these users; of
    usage and notifications those of the last days."""
    found: dict[str, list[str]] = {}
    await _find(connection, OTHER_RULES, OF_DAYS, found)
    for start in range(0, len(users), USERS_AT_ONCE):
        some = list(users[start : start + USERS_AT_ONCE])
        await _find(connection, RULES_OF_USERS, OF_USERS, found, users=some)
    return {rule: named[:NAMED_AT_MOST] for rule, named in found.items()}


async def _find(
    connection: AsyncConnection,
    rules: Sequence[str],
    scope: Mapping[str, str],
    found: dict[str, list[str]],
    **values: object,
) -> None:
    parts = ", ".join(f"{table} AS MATERIALIZED ({part})" for table, part in scope.items())
    asked = " UNION ALL ".join(
        f"(SELECT {number}, violation FROM ({_violations(rule)}) one)"  # noqa: S608 (our own constants)
        for number, rule in enumerate(rules)
    )
    for number, violation in await connection.execute(text(f"WITH {parts} {asked}"), values):
        found.setdefault(rules[number], []).append(violation)


def _violations(rule: str) -> str:
    return f"""
        SELECT violation::text FROM ({INVARIANTS[rule]}) found (violation) LIMIT {NAMED_AT_MOST}
    """  # noqa: S608 (our own constants)


async def watch(db: Database, stop: asyncio.Event) -> None:
    """Raise an alarm for each broken rule, and one that names those that could not be examined, whatever the reason.

    Those that are left when `stop` is set are left to the next time.
    """
    unexamined: dict[str, str] = {}
    for rule in INVARIANTS:
        if stop.is_set():
            break
        try:
            async with db.engine.connect() as connection:
                found = await find_violations(connection, rule)
        except Exception as error:  # noqa: BLE001 (one rule that cannot be asked hides none of the others)
            unexamined[rule] = type(error).__name__
            continue
        if found:
            raise_alarm(Alarm.INVARIANT_BROKEN, rule=rule, rows=found)
    if unexamined:
        raise_alarm(Alarm.INVARIANT_NOT_EXAMINED, rules=unexamined)
