"""Everything that is otherwise here than it was there, by name and with its reason."""

from collections.abc import Mapping, Sequence

from billing_service.kit.transaction import Row, Transaction
from billing_service.kit.wire import json_of
from billing_service.legacy.plans import PlanOutcome

# Kinds for which there is no reason: an import that lists one of them has failed.
UNEXPLAINED = frozenset({"access_differs", "payment_differs", "refund_differs"})
# kind -> what it says; those of rows that were not taken at all stand in `staging` beside their rule.
KINDS: Mapping[str, str] = {
    "plan_kept": "the plan stays as it is here: it is a test plan, was changed here, or its days were sold here",
    "lives_here": "days that were paid or given here make the difference",
    "changed_here": "the period of the import was changed here since, by a refund for example",
    "access_differs": "access ends at another instant, and nobody knows why",
    "switched_off": "the row there has an end ahead but is not active: no access there, none here",
    "end_before_start": "a plan whose end is not after its start: no days there, none here",
    "dates_unusable": "an end that is no date",
    "user_unusable": "an id that no user can have",
    "end_beyond_paid": "access goes on for longer than what was paid and did not go back: kept",
    "paid_beyond_end": "what was paid goes further than the access: this user did not get what he paid for",
    "asked_anew": "open there, or closed there by its own clean-up: asked about, and paid days are given",
    "settled_here": "it was settled here since",
    "partly_refunded": "shown there as refunded although a part went back",
    "refunded_without_refund": "refunded there without a refund",
    "without_plan": "a payment for no plan: a card that was to be bound",
    "gone_there": "it was taken over once, and is there no more",
    "amount_unusable": "not taken: an amount that is none",
    "currency_unusable": "not taken: a currency that is none",
    "status_unknown": "not taken: a status that nobody knows",
    "plan_without_days": "not taken: it is for a plan without days",
    "provider_id_unreadable": "not taken: an id that the provider cannot have given",
    "provider_id_taken": "not taken: another row here has this object of the provider's",
    "payment_differs": "amount, plan, user or status differ, and nobody knows why",
    "payment_not_taken": "not taken: neither was its payment",
    "never_sent": "not taken: a refund that the provider has never seen",
    "refund_above_payment": "more went back than was paid",
    "refund_of_unpaid": "went back of a payment that was not paid there",
    "refund_differs": "amount or status differ, and nobody knows why",
}
COMPARED = """
    SELECT users.user_id, there.plan_code, there.until AS there, here.until AS here
    FROM old_users users
        LEFT JOIN (
            SELECT user_id, plan_code, upper(span) AS until FROM old_access WHERE span IS NOT NULL
        ) there USING (user_id)
        LEFT JOIN (
            SELECT user_id, max(upper(span)) AS until FROM subscription_periods GROUP BY user_id
        ) here USING (user_id)
"""
# Who has no days there may have had some that are over.
DIFFERS = "there IS DISTINCT FROM here AND NOT (there IS NULL AND here <= billing_now())"
ACCESS = f"""
    SELECT count(there) AS with_days_there, count(*) FILTER (WHERE NOT coalesce({DIFFERS}, false)) AS equal,
        count(*) FILTER (WHERE {DIFFERS}) AS differing, count(*) AS users
    FROM ({COMPARED}) compared
"""  # noqa: S608
# What went back in full buys nothing; one that is called refunded without a refund has gone back.
RETURNED = """
    SELECT p.id, coalesce(sum(r.amount) FILTER (WHERE r.status = 'SUCCEEDED'), 0) AS returned
    FROM judged_payments p LEFT JOIN judged_refunds r ON r.payment_id = p.id AND r.untaken IS NULL
    WHERE p.is_paid AND p.untaken IS NULL GROUP BY p.id
"""
# Days lie end to end from when each was paid: the end is the latest of "this one, and all after it".
BOUGHT = f"""
    SELECT user_id, max(at + days * interval '24 hours') AS until FROM (
        SELECT p.user_id, p.known_paid_at AS at,
            sum(p.duration_days) OVER (PARTITION BY p.user_id ORDER BY p.known_paid_at DESC) AS days
        FROM judged_payments p JOIN ({RETURNED}) r ON r.id = p.id
        WHERE p.plan_code IS NOT NULL AND r.returned < p.amount AND NOT (p.status = 'REFUNDED' AND r.returned = 0)
    ) laid GROUP BY user_id
"""  # noqa: S608
# A job of the old service took its time between the payment and the days.
ABOUT = "interval '1 hour'"
SAME = "(ours.amount, ours.currency, ours.plan_code, ours.user_id) IS NOT DISTINCT FROM"
# What was of a number that has become another one here went along.
WHOSE = """
    CASE WHEN EXISTS (SELECT FROM subscriptions s WHERE s.user_id = o.user_id AND s.moved_to IS NOT NULL)
        THEN ours.user_id ELSE o.user_id END
"""
# Each answers about, subject, kind, user, facts.
LISTS = (
    f"""
    SELECT 'user', c.user_id::text, CASE
            WHEN c.user_id IN (SELECT user_id FROM residents) THEN 'lives_here'
            WHEN p.span IS DISTINCT FROM known.span THEN 'changed_here' ELSE 'access_differs' END,
        c.user_id, jsonb_build_object('there', event_time(c.there), 'here', event_time(c.here))
    FROM ({COMPARED}) c LEFT JOIN legacy_access known USING (user_id)
        LEFT JOIN subscription_periods p ON p.id = known.period_id
    WHERE {DIFFERS}
    """,  # noqa: S608 (constants)
    """
    SELECT 'user', user_id::text, untaken, user_id, '{}'::jsonb FROM old_access WHERE untaken IS NOT NULL
    """,
    """
    SELECT 'user', user_id::text, 'switched_off', user_id, jsonb_build_object('ends', event_time(end_date))
    FROM old_access WHERE untaken IS NULL AND NOT is_active AND end_date > billing_now() AND plan_code <> 'FREE'
    """,
    """
    SELECT 'user', user_id::text, 'end_before_start', user_id,
        jsonb_build_object('starts', event_time(start_date), 'ends', event_time(end_date))
    FROM old_access WHERE untaken IS NULL AND plan_code <> 'FREE' AND end_date <= start_date AND span IS NULL
    """,
    f"""
    SELECT 'user', user_id::text, 'end_beyond_paid', user_id,
        jsonb_build_object('ends', event_time(o.end_date), 'paid_until', event_time(b.until))
    FROM old_access o LEFT JOIN ({BOUGHT}) b USING (user_id)
    WHERE o.untaken IS NULL AND o.is_active AND o.end_date > billing_now() AND o.plan_code <> 'FREE'
        AND (b.until IS NULL OR o.end_date > b.until + {ABOUT})
    """,  # noqa: S608 (constants)
    f"""
    SELECT 'user', user_id::text, 'paid_beyond_end', user_id, jsonb_build_object(
        'ends', CASE WHEN o.plan_code <> 'FREE' THEN event_time(o.end_date) END, 'paid_until', event_time(b.until))
    FROM ({BOUGHT}) b LEFT JOIN old_access o USING (user_id)
    WHERE b.until > coalesce(CASE WHEN o.plan_code <> 'FREE' THEN o.end_date END, '-infinity') + {ABOUT}
    """,  # noqa: S608 (constants)
    """
    SELECT 'payment', id::text, untaken, user_id,
        jsonb_build_object('amount', amount::text, 'currency', currency, 'status', status)
    FROM judged_payments WHERE untaken IS NOT NULL
    """,
    """
    SELECT 'payment', o.id::text, 'asked_anew', o.user_id,
        jsonb_build_object('amount', o.amount::text, 'there', o.status, 'yookassa_payment_id', o.yookassa_payment_id)
    FROM judged_payments o JOIN payments ours ON ours.id = o.id
    WHERE o.untaken IS NULL AND ours.status IN ('PENDING', 'WAITING_FOR_CAPTURE')
    """,
    """
    SELECT 'payment', o.id::text, 'settled_here', o.user_id,
        jsonb_build_object('amount', o.amount::text, 'there', o.status, 'here', ours.status)
    FROM judged_payments o JOIN payments ours ON ours.id = o.id
    WHERE o.untaken IS NULL AND NOT ours.imported AND ours.status NOT IN ('PENDING', 'WAITING_FOR_CAPTURE')
        AND (ours.status = 'SUCCEEDED' OR o.becomes IN ('PENDING', 'WAITING_FOR_CAPTURE'))
    """,
    f"""
    SELECT 'payment', o.id::text,
        CASE WHEN r.returned = 0 THEN 'refunded_without_refund' ELSE 'partly_refunded' END, o.user_id,
        jsonb_build_object('amount', o.amount::text, 'returned', r.returned::text)
    FROM judged_payments o JOIN ({RETURNED}) r ON r.id = o.id WHERE o.status = 'REFUNDED' AND r.returned < o.amount
    """,  # noqa: S608 (constants)
    """
    SELECT 'payment', id::text, 'without_plan', user_id, jsonb_build_object('amount', amount::text, 'there', status)
    FROM judged_payments WHERE untaken IS NULL AND plan_code IS NULL
    """,
    """
    SELECT 'payment', ours.id::text, 'gone_there', ours.user_id, jsonb_build_object('amount', ours.amount::text)
    FROM payments ours WHERE caller = 'legacy' AND route = 'legacy'
        AND NOT EXISTS (SELECT FROM old_payments o WHERE o.id = ours.id)
    """,
    f"""
    SELECT 'payment', o.id::text, 'payment_differs', o.user_id,
        jsonb_build_object('amount', o.amount::text, 'there', o.status, 'here', ours.status)
    FROM judged_payments o LEFT JOIN payments ours ON ours.id = o.id
    WHERE o.untaken IS NULL AND (ours.id IS NULL
        OR NOT {SAME} (o.amount, o.currency, o.plan_code, {WHOSE})
        OR (o.is_paid AND ours.status <> 'SUCCEEDED' AND o.user_id NOT IN (SELECT user_id FROM residents))
        OR (o.becomes IN ('CANCELED', 'FAILED') AND ours.status NOT IN (o.becomes, 'SUCCEEDED')))
    """,  # noqa: S608 (constants)
    """
    SELECT 'refund', id::text, untaken, user_id, jsonb_build_object('amount', amount::text, 'status', status)
    FROM judged_refunds WHERE untaken IS NOT NULL
    """,
    """
    SELECT 'payment', p.id::text, 'refund_above_payment', p.user_id,
        jsonb_build_object('amount', p.amount::text, 'returned', sum(r.amount)::text)
    FROM judged_refunds r JOIN judged_payments p ON p.id = r.payment_id
    WHERE r.untaken IS NULL AND r.status = 'SUCCEEDED'
    GROUP BY p.id, p.user_id, p.amount HAVING sum(r.amount) > p.amount
    """,
    """
    SELECT 'refund', id::text, 'refund_of_unpaid', user_id, jsonb_build_object('amount', amount::text)
    FROM judged_refunds WHERE untaken IS NULL AND status = 'SUCCEEDED' AND NOT is_paid
    """,
    """
    SELECT 'refund', o.id::text, CASE WHEN ours.status IN ('SUCCEEDED', 'CANCELED', 'FAILED') AND o.status = 'PENDING'
            AND ours.amount = o.amount THEN 'settled_here' ELSE 'refund_differs' END, o.user_id,
        jsonb_build_object('amount', o.amount::text, 'there', o.status, 'here', ours.status)
    FROM judged_refunds o LEFT JOIN refunds ours ON ours.id = o.id
    WHERE o.untaken IS NULL AND (ours.id IS NULL OR (ours.amount, ours.status) <> (o.amount, o.status))
    """,
)
KEEP = "INSERT INTO legacy_differences (import_id, about, subject, kind, user_id, facts) SELECT $1, * FROM ({}) found"
KEEP_PLAN = """
    INSERT INTO legacy_differences (import_id, about, subject, kind, facts)
    VALUES ($1, 'plan', $2, 'plan_kept', $3::jsonb)
"""
FORGET = "DELETE FROM legacy_differences WHERE import_id <> $1"
BY_KIND = (
    "SELECT kind, count(*) AS number FROM legacy_differences WHERE import_id = $1 GROUP BY kind ORDER BY kind"
)


async def list_anew(tx: Transaction, import_id: int, plans: Sequence[PlanOutcome]) -> Mapping[str, int]:
    """Write down what differs now, in the place of what an import before had found; how many of which kind."""
    for found in LISTS:
        await tx.execute(KEEP.format(found), import_id)
    for plan in plans:
        if plan.differs:
            facts = {name: {"there": there, "here": here} for name, (there, here) in plan.differs.items()}
            await tx.execute(KEEP_PLAN, import_id, plan.code, json_of(facts).decode())
    await tx.execute(FORGET, import_id)
    return {row["kind"]: row["number"] for row in await tx.rows(BY_KIND, import_id)}


async def count_access(tx: Transaction) -> Row:
    """How many users were compared, and how many of them have access until the same instant."""
    row = await tx.row(ACCESS)
    assert row is not None  # noqa: S101 (it always answers)
    return row
