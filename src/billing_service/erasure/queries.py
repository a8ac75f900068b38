"""What says who a user is, table by table, and the statement that takes it away."""

from collections.abc import Mapping

from billing_service.kit.transaction import Transaction

ACTION = "user.erased"
# What people wrote about him may name him; that they did it, when and as whom stays.
STATEMENTS: Mapping[str, str] = {
    "consents": """
        UPDATE consents SET payer_ip = NULL, payer_agent = NULL
        WHERE user_id = $1 AND num_nonnulls(payer_ip, payer_agent) > 0
    """,
    "payment_method_refusals": """
        UPDATE payment_method_refusals SET payer_ip = NULL, payer_agent = NULL
        WHERE user_id = $1 AND num_nonnulls(payer_ip, payer_agent) > 0
    """,
    "payment_methods": """
        UPDATE payment_methods SET title = NULL, card_last4 = NULL, card_brand = NULL, expires = NULL
        WHERE user_id = $1 AND num_nonnulls(title, card_last4, card_brand, expires) > 0
    """,
    # What it is about stands in its name as well, for whoever has still to look at it.
    "webhook_logs": """
        UPDATE webhook_logs SET raw_payload = '{}'
        WHERE payment_id = ANY (ARRAY(
            SELECT yookassa_payment_id FROM payments WHERE user_id = $1 AND yookassa_payment_id IS NOT NULL
            UNION ALL
            SELECT r.yookassa_refund_id FROM refunds r JOIN payments p ON p.id = r.payment_id
            WHERE p.user_id = $1 AND r.yookassa_refund_id IS NOT NULL
        )) AND raw_payload <> '{}'
    """,
    "outbox_events": """
        UPDATE outbox_events SET
            data = CASE WHEN kind = 'payment_method.expiring' THEN data || nothing.of_a_card || '{"expires": "стёрто"}'
                WHEN data ? 'card_mask' THEN data || nothing.of_a_card
                WHEN kind = 'subscription.renewal_upcoming' THEN data || '{"text": "стёрто"}' ELSE data END,
            state = CASE WHEN jsonb_typeof(state -> 'payment_method') = 'object'
                THEN state || jsonb_build_object('payment_method', (state -> 'payment_method') || nothing.of_a_card)
                ELSE state END
        FROM (
            SELECT '{"title": null, "card_mask": null, "card_brand": null, "expires": null}'::jsonb AS of_a_card
        ) nothing
        WHERE user_id = $1 AND num_nonnulls(
            data ->> 'card_mask', data ->> 'title', nullif(data ->> 'expires', 'стёрто'),
            state #>> '{payment_method,card_mask}', state #>> '{payment_method,title}',
            state #>> '{payment_method,expires}') > 0
            OR user_id = $1 AND kind = 'subscription.renewal_upcoming' AND data ->> 'text' <> 'стёрто'
    """,
    "subscription_periods": """
        UPDATE subscription_periods SET reason = 'стёрто' WHERE user_id = $1 AND reason <> 'стёрто'
    """,
    "grants": """
        UPDATE grants SET revoke_reason = 'стёрто' WHERE user_id = $1 AND revoke_reason <> 'стёрто'
    """,
    "refunds": """
        UPDATE refunds r SET reason = 'стёрто' FROM payments p
        WHERE p.id = r.payment_id AND p.user_id = $1 AND r.reason <> 'стёрто'
    """,
    "refund_requests": """
        UPDATE refund_requests c SET reason = 'стёрто', refusal = CASE WHEN c.refusal IS NOT NULL THEN 'стёрто' END
        FROM payments p WHERE p.id = c.payment_id AND p.user_id = $1
            AND num_nonnulls(nullif(c.reason, 'стёрто'), nullif(c.refusal, 'стёрто')) > 0
    """,
    "audit_log": """
        UPDATE audit_log SET reason = 'стёрто' WHERE user_id = $1 AND action <> 'user.erased' AND reason <> 'стёрто'
    """,
    # What he used today still counts today.
    "usage_operations": "DELETE FROM usage_operations WHERE user_id = $1 AND date < usage_day(billing_now(), $2)",
    "daily_usage": "DELETE FROM daily_usage WHERE user_id = $1 AND date < usage_day(billing_now(), $2)",
    "daily_feature_usage": """
        DELETE FROM daily_feature_usage WHERE user_id = $1 AND date < usage_day(billing_now(), $2)
    """,
}


# A user's number is on these too, and nothing that says who he is.
STAYS: Mapping[str, str] = {
    **dict.fromkeys(("subscriptions", "access_changes", "event_streams"), "his number, and instants"),
    "user_moves": "his numbers, and when he had which",
    **dict.fromkeys(("payments", "renewal_notices"), "money, plans, instants, YooKassa's numbers"),
    "grant_batch_members": "that he was one of many who got the same days",
    "card_bindings": "what YooKassa's number stands for; the number itself goes when a binding ends",
    **dict.fromkeys(
        ("legacy_access", "legacy_differences"), "his number, plans, instants and sums: evidence"
    ),
}
# The room `receipts` erases it, and what holds it.
ERASED_BY_RECEIPTS = "receipt_contacts"


async def erase(tx: Transaction, user_id: int, zone: str) -> Mapping[str, int]:
    """How many rows of each table said something of him under this number. The caller holds the user's lock."""
    erased = {}
    for table, statement in STATEMENTS.items():
        values = (user_id, zone) if "$2" in statement else (user_id,)
        erased[table] = len(await tx.rows(f"{statement} RETURNING 1", *values))
    return erased
