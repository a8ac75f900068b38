"""Once a week the owner is told its figures: an event, which the main backend brings to his chat."""

from billing_service.events import service as events
from billing_service.kit.callers import LEGACY
from billing_service.kit.money import to_wire
from billing_service.services import Services

# The last whole week, from Monday on, in the service's time zone; told from Monday at nine on, when the owner is up. Of
# the kind of shop that is in force. A purchase that went on without saving the card has failed nowhere, and what the
# service before this one had begun was not sold here. What was told is not counted again: no row.
FIGURES = """
    WITH week AS (
        SELECT (monday - interval '1 week') AT TIME ZONE $1 AS begins, monday AT TIME ZONE $1 AS ends
        FROM date_trunc('week', (billing_now() - interval '9 hours') AT TIME ZONE $1) monday
    ), paid AS (
        SELECT amount FROM payments, week
        WHERE status = 'SUCCEEDED' AND is_test = $2 AND NOT imported AND paid_at >= begins AND paid_at < ends
    ), failed AS (
        SELECT status FROM payments, week
        WHERE status IN ('CANCELED', 'FAILED') AND is_test = $2 AND updated_at >= begins AND updated_at < ends
            AND NOT imported AND caller IS DISTINCT FROM $3 AND replaced_by IS NULL
    ), returned AS (
        SELECT amount FROM refunds, week
        WHERE status = 'SUCCEEDED' AND is_test = $2 AND completed_at >= begins AND completed_at < ends
    ), told AS (
        SELECT kind FROM outbox_events, week WHERE occurred_at >= begins AND occurred_at < ends
    ), notified AS (
        SELECT status FROM webhook_logs, week WHERE created_at >= begins AND created_at < ends
    )
    SELECT begins AS week_begins, ends AS week_ends,
        (SELECT count(*) FROM paid) AS payments, (SELECT coalesce(sum(amount), 0.00) FROM paid) AS amount,
        (SELECT count(*) FROM failed WHERE status = 'CANCELED') AS payments_canceled,
        (SELECT count(*) FROM failed WHERE status = 'FAILED') AS payments_failed,
        (SELECT count(*) FROM returned) AS refunds,
        (SELECT coalesce(sum(amount), 0.00) FROM returned) AS refunded_amount,
        (SELECT count(*) FROM told WHERE kind = 'subscription.activated') AS access_begun,
        (SELECT count(*) FROM told WHERE kind = 'subscription.ended') AS access_ended,
        (SELECT count(*) FROM told WHERE kind = 'billing.alarm') AS alarms,
        (SELECT count(*) FROM notified) AS notifications,
        (SELECT count(*) FROM notified WHERE status IN ('FAILED', 'GIVEN_UP', 'UNMATCHED')) AS notifications_failed
    FROM week WHERE NOT EXISTS (
        SELECT FROM outbox_events
        WHERE once = 'billing.weekly_digest:' || to_char(begins AT TIME ZONE 'UTC', 'YYYY-MM-DD')
    )
"""


async def tell(services: Services) -> None:
    """Write the event of the last whole week, once, however often it is asked for."""
    settings = services.settings
    async with services.statements.transaction() as tx:
        figures = await tx.row(FIGURES, settings.billing_timezone.key, settings.shop_is_test, LEGACY)
        if figures is None:
            return
        amounts = {name: to_wire(figures[name]) for name in ("amount", "refunded_amount")}
        once = f"billing.weekly_digest:{figures['week_begins'].date()}"
        await events.record(tx, "billing.weekly_digest", None, dict(figures) | amounts, once=once)
