"""The SQL of what a wish to buy meets."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from billing_service.kit.clock import AGREE_WITHIN
from billing_service.kit.ratelimit import Rate
from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.transaction import Transaction
from billing_service.payments.models import Payment
from billing_service.payments.queries import COLUMNS
from billing_service.receipts import queries as receipts


class Begun(NamedTuple):
    """How many payments a user began, the beginning of the first of them (None for none), and the time now.

    The newest ones that the user asked for, as many as allowed at most: no renewals, no imports, nothing paid twice.
    """

    number: int
    first_at: datetime | None
    now: datetime


class Situation(NamedTuple):
    """What a wish to buy meets, under the user's lock; ids of payments, None where there is none.

    While `renewing_until` lies ahead a renewal is in flight, and the same must not be bought beside it.
    `known` has its key; `open` offers the same on the same terms and can still be paid, or its money is held; `refused`
    is what the provider has just refused on these terms.
    """

    known: UUID | None
    open: UUID | None
    refused: UUID | None
    begun: Begun
    receipts: receipts.Known
    renewing_until: datetime | None


# What lies in the future was written by a clock that has been put right since: it proves nothing.
SITUATION = """
    WITH same_terms AS (
        SELECT id, status, created_at, updated_at, provider_error_code, replaced_by FROM payments
        WHERE user_id = $1 AND purpose = 'PLAN' AND NOT is_recurring AND plan_code = $2 AND amount = $3
            AND currency = $4 AND duration_days = $5 AND save_payment_method = $6 AND return_url = $7
            AND shop_id = $8 AND is_test = $9 AND created_at > billing_now() - $13::interval
            AND created_at <= billing_now() + $17::interval
    ), begun AS (
        SELECT created_at FROM payments
        WHERE user_id = $1 AND created_at > billing_now() - $15::interval
            AND created_at <= billing_now() + $17::interval
            AND NOT is_recurring AND NOT imported AND surplus_of IS NULL AND replaced_by IS NULL
        ORDER BY created_at DESC LIMIT $16
    )
    SELECT
        (SELECT id FROM payments
            WHERE caller = $10 AND user_id = $1 AND route = $11 AND idempotency_key = $12) AS known,
        (SELECT id FROM same_terms WHERE status IN ('PENDING', 'WAITING_FOR_CAPTURE')
            ORDER BY created_at DESC, id LIMIT 1) AS open,
        (SELECT id FROM same_terms
            WHERE status = 'FAILED' AND replaced_by IS NULL
                AND provider_error_code IS DISTINCT FROM 'never_created'
                AND updated_at BETWEEN billing_now() - $14::interval AND billing_now() + $17::interval
            ORDER BY updated_at DESC LIMIT 1) AS refused,
        {receipts},
        (SELECT max(first_sent_at) + $18::interval FROM payments
            WHERE user_id = $1 AND payment_method_id IS NOT NULL AND surplus_of IS NULL
                AND status IN ('PENDING', 'WAITING_FOR_CAPTURE')
                AND first_sent_at BETWEEN billing_now() - $18::interval AND billing_now() + $17::interval
        ) AS renewing_until,
        (SELECT count(*) FROM begun) AS begun, (SELECT min(created_at) FROM begun) AS begun_since,
        billing_now() AS now
""".format(receipts=receipts.ALONG.format(user="$1", shop="$8", is_test="$9"))  # noqa: S608 (constants)


class Windows(NamedTuple):
    """For how long an open checkout is handed out again, counts as seen, a refusal holds, and a renewal in flight keeps
    a purchase waiting."""

    young: timedelta
    seen: timedelta
    refused: timedelta
    renewing: timedelta


async def get_situation(tx: Transaction, wish: Payment, windows: Windows, limit: Rate) -> Situation:
    """Everything a checkout decides by, in one statement, sent after the lock was obtained."""
    row = await tx.row(
        SITUATION,
        wish.user_id,
        wish.plan_code,
        wish.amount,
        wish.currency,
        wish.duration_days,
        wish.save_payment_method,
        wish.return_url,
        wish.shop_id,
        wish.is_test,
        wish.caller,
        wish.route,
        wish.idempotency_key,
        windows.young,
        windows.refused,
        timedelta(seconds=limit.seconds),
        limit.limit,
        AGREE_WITHIN,
        windows.renewing,
    )
    assert row is not None  # noqa: S101 (it always answers)
    begun = Begun(row["begun"], row["begun_since"], row["now"])
    met = (row["known"], row["open"], row["refused"])
    return Situation(*met, begun, receipts.known(row), row["renewing_until"])


# Whoever settled it, sent it anew or has the object already has changed one of these.
KEEP_ANSWER = f"""
    UPDATE payments SET
        yookassa_payment_id = $3, confirmation_url = $4, send_lease_until = NULL, outcome_unknown = false,
        seen_at = billing_now(), updated_at = billing_now()
    WHERE id = $1 AND status = 'PENDING' AND yookassa_payment_id IS NULL
        AND send_lease_until = $2 AND send_lease_until > billing_now()
        AND NOT EXISTS (SELECT FROM payments other WHERE other.yookassa_payment_id = $3)
    RETURNING {COLUMNS}
"""  # noqa: S608 (constant columns)


async def keep_answer(
    statements: StatementPool, sent: Payment, yookassa_payment_id: str, confirmation_url: str | None
) -> Payment | None:
    """The payment with the provider's id and its link; None, and nothing is written, if it is not as it was sent."""
    values = (sent.id, sent.send_lease_until, yookassa_payment_id, confirmation_url)
    rows = await statements.fetch(KEEP_ANSWER, *values)
    return Payment.of_row(rows[0]) if rows else None
