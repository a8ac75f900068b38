"""The SQL of charges of a saved method: whether one is still wanted, and which there were."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from billing_service.charging.retries import Try
from billing_service.charging.service import MAY_CHARGE
from billing_service.kit.transaction import Transaction
from billing_service.payments.models import Payment

STILL_LAST = """
    NOT EXISTS (
        SELECT FROM subscription_periods later JOIN subscription_periods renewed ON renewed.id = p.renewed_period_id
        WHERE later.user_id = p.user_id AND period_line(later.chain) = period_line(renewed.chain)
            AND upper(later.span) > upper(renewed.span)
    )
"""
# Whether a charge in doubt may be posted once more: everything it stands on still holds.
MAY_CHARGE_AGAIN = f"""
    SELECT {MAY_CHARGE} AND p.first_sent_at > billing_now() - $2::interval AND billing_now() <= n.charge_until
        AND s.auto_renew AND m.status = 'ACTIVE' AND c.withdrawn_at IS NULL
        AND plan.is_active AND plan.price = p.amount AND plan.duration_days = p.duration_days
        AND NOT EXISTS (
            SELECT FROM payments other WHERE other.user_id = p.user_id AND other.id <> p.id
                AND other.created_at > p.first_sent_at
                AND other.status IN ('PENDING', 'WAITING_FOR_CAPTURE', 'SUCCEEDED')
        )
        AND {STILL_LAST}
    FROM payments p JOIN subscriptions s USING (user_id) JOIN payment_methods m ON m.id = p.payment_method_id
        JOIN consents c ON c.id = p.consent_id JOIN renewal_notices n ON n.id = p.notice_id
        JOIN subscription_plans plan ON plan.code = p.plan_code
    WHERE p.id = $1
"""  # noqa: S608 (constant SQL, as all above)


async def may_charge_again(tx: Transaction, payment_id: UUID, *, within: timedelta) -> bool:
    """The caller holds the user's lock and the payment's."""
    return bool(await tx.value(MAY_CHARGE_AGAIN, payment_id, within))


STILL_TO_RENEW = f"""
    SELECT s.auto_renew AND {STILL_LAST} FROM payments p JOIN subscriptions s USING (user_id) WHERE p.id = $1
"""  # noqa: S608 (constant SQL)


async def is_still_to_renew(tx: Transaction, payment_id: UUID) -> bool:
    """Whether its payer still wishes what this charge was for, and has not paid by hand. The caller holds his lock."""
    return bool(await tx.value(STILL_TO_RENEW, payment_id))


TRIES = """
    SELECT created_at AS at, payment_method_id AS method_id, status, cancellation_reason AS reason,
        provider_error_code IS NOT DISTINCT FROM 'never_created' AS never_created
    FROM payments WHERE renewed_period_id = $1 AND surplus_of IS NULL ORDER BY created_at
"""


async def list_tries(tx: Transaction, period_id: int) -> Sequence[Try]:
    """Every charge for the period that follows this one, the oldest first."""
    return [Try(**row) for row in await tx.rows(TRIES, period_id)]


UNWANTED = """
    SELECT CASE
        WHEN p.surplus_of IS NOT NULL THEN 'charged_twice'
        WHEN NOT s.auto_renew OR m.status = 'REFUSED' OR c.withdrawn_at IS NOT NULL THEN 'switched_off'
        WHEN EXISTS (
            SELECT FROM payments other
            WHERE other.user_id = p.user_id AND other.status = 'SUCCEEDED' AND NOT other.is_recurring
                AND NOT EXISTS (SELECT FROM subscription_plans WHERE code = other.plan_code AND is_test)
                AND other.created_at > p.first_sent_at
        ) THEN 'bought_by_hand' END
    FROM payments p JOIN subscriptions s USING (user_id) LEFT JOIN payment_methods m ON m.id = p.payment_method_id
        LEFT JOIN consents c ON c.id = p.consent_id
    WHERE p.id = $1
"""


async def why_unwanted(tx: Transaction, payment_id: UUID) -> str | None:
    """Why nobody wants a renewal that has just succeeded any more; None if it is as wanted as when it was sent."""
    because: str | None = await tx.value(UNWANTED, payment_id)
    return because


async def get_charge_until(tx: Transaction, renewal: Payment) -> datetime:
    """Until when the notice covers a renewal."""
    statement = "SELECT charge_until FROM renewal_notices WHERE id = $1"
    until: datetime = await tx.value(statement, renewal.notice_id)
    return until


OTHER_CHOSEN = """
    SELECT chosen.id FROM payments p JOIN payment_methods chosen USING (user_id, shop_id, is_test)
    WHERE p.id = $1 AND chosen.status = 'ACTIVE' AND chosen.id <> p.payment_method_id
"""


async def get_other_chosen(tx: Transaction, payment_id: UUID) -> UUID | None:
    """The method that the payer has bound since this charge was begun, if any. The caller holds his lock."""
    chosen: UUID | None = await tx.value(OTHER_CHOSEN, payment_id)
    return chosen
