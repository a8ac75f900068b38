"""The SQL of the timeline: one row a fact, read where the fact itself stands, with its effect as it is now."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.transaction import Row

# Each: at, kind, id, data. $1 is the user. Where a period lies, and what was taken off it, is how it lies now; what of
# it was used beside another one before two users became one is not taken.
LIES = """
    'days', s.days, 'begins', event_time(lower(s.span)), 'ends', event_time(upper(s.span)),
    'seconds_cut', floor(extract(epoch FROM s.cut - coalesce(
        (SELECT sum(beside.cut) FROM user_move_cuts beside WHERE beside.period_id = s.id), interval '0')))::bigint,
    'gives_pro', gives_pro(s.plan_code, s.chain)
"""
# A charge that was left in a shop of before: a person has ended it, and whether it was paid there is not known here.
ENDED_BY_HAND = """
    p.status = 'FAILED' AND p.payment_method_id IS NOT NULL AND EXISTS (
        SELECT FROM audit_log WHERE action = 'payment.resolved'
            AND details @> jsonb_build_object('subject', p.id, 'verb', 'dismiss'))
"""
PAYMENTS = f"""
    SELECT CASE p.status WHEN 'SUCCEEDED' THEN coalesce(p.paid_at, p.created_at)
            WHEN 'CANCELED' THEN p.updated_at WHEN 'FAILED' THEN p.updated_at ELSE p.created_at END AS at,
        CASE WHEN p.status IN ('PENDING', 'WAITING_FOR_CAPTURE') THEN 'payment.open'
            ELSE 'payment.' || lower(p.status) END AS kind, p.id::text AS id,
        jsonb_build_object('payment_id', p.id, 'plan', p.plan_code, 'plan_name', plan.display_name,
            'amount', p.amount::text, 'currency', p.currency, 'created_at', event_time(p.created_at),
            'is_recurring', p.is_recurring, 'is_test', p.is_test, 'is_surplus', p.surplus_of IS NOT NULL,
            'imported', p.imported, 'cancellation_party', p.cancellation_party,
            'cancellation_reason', p.cancellation_reason, 'is_ended_by_hand', {ENDED_BY_HAND}, {LIES}) AS data
    FROM payments p LEFT JOIN subscription_plans plan ON plan.code = p.plan_code
    LEFT JOIN subscription_periods s ON s.id = p.period_id
    WHERE p.user_id = $1 AND p.replaced_by IS NULL
"""  # noqa: S608 (constant SQL, as all below)
REFUNDS = """
    SELECT CASE r.status WHEN 'SUCCEEDED' THEN coalesce(r.completed_at, r.created_at)
            WHEN 'PENDING' THEN r.created_at ELSE r.updated_at END,
        CASE r.status WHEN 'PENDING' THEN 'refund.open' ELSE 'refund.' || lower(r.status) END, r.id::text,
        jsonb_build_object('refund_id', r.id, 'payment_id', p.id, 'amount', r.amount::text, 'currency', r.currency,
            'paid_at', event_time(coalesce(p.paid_at, p.created_at)), 'created_at', event_time(r.created_at),
            'made_by', r.made_by, 'author', r.author, 'reason', r.reason, 'access', r.access,
            'is_applied', r.applied_at IS NOT NULL,
            'seconds_cut', floor(extract(epoch FROM r.access_cut))::bigint, 'is_test', r.is_test)
    FROM payments p JOIN refunds r ON r.payment_id = p.id WHERE p.user_id = $1
"""
GIVEN = f"""
    SELECT s.granted_at, s.cause || '.given', s.id::text,
        jsonb_build_object('period_id', s.id, 'grant_id', (SELECT id FROM grants WHERE period_id = s.id),
            'plan', s.plan_code, 'plan_name', plan.display_name, 'author', s.author, 'reason', s.reason, {LIES})
    FROM subscription_periods s JOIN subscription_plans plan ON plan.code = s.plan_code
    WHERE s.user_id = $1 AND s.cause <> 'payment'
"""  # noqa: S608
REVOKED = """
    SELECT g.revoked_at, 'grant.revoked', g.id::text,
        jsonb_build_object('grant_id', g.id, 'period_id', g.period_id, 'given_at', event_time(g.created_at),
            'author', g.revoked_by, 'reason', g.revoke_reason,
            'seconds_cut', floor(extract(epoch FROM g.taken))::bigint)
    FROM grants g WHERE g.revoked_at IS NOT NULL AND g.period_id = ANY (ARRAY(
        SELECT id FROM subscription_periods WHERE user_id = $1 AND cause = 'grant'
    ))
"""
WISHES = """
    SELECT said.at, said.kind, c.id::text, jsonb_build_object('refund_request_id', c.id, 'payment_id', p.id,
            'case_number', 'R-' || lpad(c.number::text, greatest(6, length(c.number::text)), '0'),
            'amount', p.amount::text, 'currency', p.currency,
            'reason', c.reason, 'answer_by', event_time(c.answer_by), 'is_open', c.concluded_at IS NULL,
            'refused_by', c.refused_by, 'refusal', c.refusal)
    FROM payments p JOIN refund_requests c ON c.payment_id = p.id
    CROSS JOIN LATERAL (VALUES
        (c.created_at, 'refund_request.made'),
        (CASE WHEN c.refusal IS NOT NULL THEN c.concluded_at END, 'refund_request.refused')
    ) said (at, kind)
    WHERE p.user_id = $1 AND said.at IS NOT NULL
"""
LOST = """
    SELECT c.at, 'access.ended', c.period_id::text,
        jsonb_build_object('period_id', c.period_id, 'plan', c.plan_code, 'plan_name', plan.display_name)
    FROM access_changes c JOIN subscription_plans plan ON plan.code = c.plan_code
    WHERE c.user_id = $1 AND c.change = 'lost' AND c.at <= billing_now()
"""
CONSENTS = """
    SELECT said.at, said.kind, c.id::text, jsonb_build_object('consent_id', c.id,
            'document_version', c.document_version, 'plan', c.plan_code, 'plan_name', plan.display_name,
            'amount', c.amount::text, 'currency', c.currency, 'days', c.period_days,
            'given_at', event_time(c.given_at), 'withdrawn_by', c.withdrawn_by)
    FROM consents c JOIN subscription_plans plan ON plan.code = c.plan_code
    CROSS JOIN LATERAL (VALUES (c.given_at, 'consent.given'), (c.withdrawn_at, 'consent.withdrawn')) said (at, kind)
    WHERE c.user_id = $1 AND said.at IS NOT NULL
"""
METHODS = """
    SELECT happened.at, happened.kind, m.id::text,
        jsonb_build_object('method_id', m.id, 'type', m.type, 'saved_at', event_time(m.saved_at), 'status', m.status,
            'imported', m.consent_id IS NULL)
        || method_shown(m)
    FROM payment_methods m CROSS JOIN LATERAL (VALUES
        (m.saved_at, 'payment_method.saved'),
        (CASE WHEN m.status IN ('REPLACED', 'ENDED') THEN m.ended_at END, 'payment_method.ended')
    ) happened (at, kind)
    WHERE m.user_id = $1 AND happened.at IS NOT NULL
"""
REFUSALS = """
    SELECT refused_at, 'payment_method.refused', id::text,
        jsonb_build_object('receipt_id', id, 'charge_payment_id', charge_payment_id)
    FROM payment_method_refusals WHERE user_id = $1
"""
BINDINGS = """
    SELECT CASE status WHEN 'PENDING' THEN created_at ELSE updated_at END,
        CASE status WHEN 'PENDING' THEN 'card_binding.open' ELSE 'card_binding.failed' END, id::text,
        jsonb_build_object('binding_id', id, 'created_at', event_time(created_at), 'status', status,
            'cancellation_reason', cancellation_reason)
    FROM card_bindings WHERE user_id = $1 AND status <> 'ACTIVE'
"""
# What stands nowhere else, for as long as events are kept.
TOLD = """
    SELECT occurred_at, kind, id::text, data FROM outbox_events
    WHERE coalesce(user_id, 0) = $1 AND kind IN ('subscription.autorenew_changed', 'usage.limit_reached')
"""
# Deeds that have no row of their own.
DEEDS = """
    SELECT at, 'deed', id::text, details || jsonb_build_object('action', action, 'author', author, 'reason', reason)
    FROM audit_log
    WHERE user_id = $1 AND action NOT LIKE 'grant.%' AND action NOT LIKE 'refund%' AND action NOT LIKE 'npd.%'
        AND action <> 'payment_method.refused'
"""
FACTS = (PAYMENTS, REFUNDS, WISHES, GIVEN, REVOKED, LOST, CONSENTS, METHODS, REFUSALS, BINDINGS, TOLD, DEEDS)
TIMELINE = f"""
    SELECT at, kind, id, data::text AS data FROM ({" UNION ALL ".join(FACTS)}) fact
    WHERE $2::timestamptz IS NULL OR (at, kind, id) < ($2, $3::text, $4::text)
    ORDER BY at DESC, kind DESC, id DESC LIMIT $5
"""  # noqa: S608


class Place(NamedTuple):
    """Where a fact stands in the timeline: no two stand at the same place."""

    at: datetime
    kind: str
    id: str


async def list_facts(
    statements: StatementPool, user_id: int, *, before: Place | None, limit: int
) -> Sequence[Row]:
    """The newest first, those before this place."""
    at, kind, fact_id = before or (None, None, None)
    return await statements.fetch(TIMELINE, user_id, at, kind, fact_id, limit)


# $2: the plan in force.
IN_FORCE = """
    SELECT s.cause, s.granted_at, s.author, upper(s.span) AS ends, p.amount, p.paid_at
    FROM subscription_periods s LEFT JOIN payments p ON p.id = s.payment_id
    WHERE s.user_id = $1 AND s.plan_code = $2 AND s.span @> billing_now() AND (s.chain <> 'test' OR test_days_count())
    ORDER BY s.chain = 'check', s.chain DESC LIMIT 1
"""


async def get_in_force(statements: StatementPool, user_id: int, plan_code: str) -> Row | None:
    """What gave the days that are running."""
    rows = await statements.fetch(IN_FORCE, user_id, plan_code)
    return rows[0] if rows else None
