"""The SQL of payments."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from billing_service.kit.clock import AGREE_WITHIN
from billing_service.kit.columns import columns_of
from billing_service.kit.transaction import Row, Transaction
from billing_service.kit.turns import Busy
from billing_service.payments.models import PLAN, Payment
from billing_service.receipts import queries as receipts
from billing_service.subscriptions.laying import LAY_PAID

COLUMNS, OF_P = columns_of(Payment), columns_of(Payment, "p")


async def get_payment(tx: Transaction, payment_id: UUID) -> Payment | None:
    row = await tx.row(f"SELECT {COLUMNS} FROM payments WHERE id = $1", payment_id)  # noqa: S608 (constant columns)
    return None if row is None else Payment.of_row(row)


# Rows are locked in the order of this list: the user's money first.
LOCK = f"""
    SELECT {OF_P} FROM subscriptions s JOIN payments p ON p.user_id = s.user_id WHERE p.id = $1 FOR UPDATE OF s, p
"""  # noqa: S608
LOCK_FOR = f"""
    SELECT {OF_P}, EXISTS (SELECT FROM payments WHERE yookassa_payment_id = $2 AND id <> $1) AS held_elsewhere
    FROM subscriptions s JOIN payments p ON p.user_id = s.user_id WHERE p.id = $1 FOR UPDATE OF s, p
"""  # noqa: S608
UNLESS_LOCKED = " SKIP LOCKED"


async def lock_with_money(tx: Transaction, payment_id: UUID) -> Payment:
    """The user's money, then the payment, as it is once both are ours.

    Raises `LookupError` for an unknown id, and `Busy` where `tx` may not wait for somebody else who has them, or where
    they became another user's while it waited.
    """
    return Payment.of_row(await _locked(tx, LOCK, payment_id))


async def lock_for_object(
    tx: Transaction, payment_id: UUID, yookassa_payment_id: str
) -> tuple[Payment, bool]:
    """The same; and whether another payment had this object of the provider's when the lock was asked for."""
    return _with_flag(await _locked(tx, LOCK_FOR, payment_id, yookassa_payment_id), "held_elsewhere")


async def _locked(tx: Transaction, lock: str, payment_id: UUID, *values: object) -> Row:
    row = await tx.row_of(lock if tx.waits else lock.rstrip() + UNLESS_LOCKED, payment_id, *values)
    if row is not None:
        return row
    user_id = await tx.value("SELECT user_id FROM payments WHERE id = $1", payment_id)
    if user_id is None:
        raise LookupError(f"no payment {payment_id}")
    raise Busy(user_id)


def _with_flag(row: Row | None, name: str) -> tuple[Payment, bool]:
    """A payment and the answer to the question that was asked along with it."""
    if row is None:
        raise LookupError("no such payment")
    facts = dict(row)
    flag = bool(facts.pop(name))
    return Payment.of_row(facts), flag


async def get_holder(tx: Transaction, yookassa_payment_id: str) -> Payment | None:
    row = await tx.row(f"SELECT {COLUMNS} FROM payments WHERE yookassa_payment_id = $1", yookassa_payment_id)  # noqa: S608
    return None if row is None else Payment.of_row(row)


FROZEN = (
    *("id", "user_id", "plan_code", "amount", "currency", "duration_days", "description", "purpose"),
    *("shop_id", "is_test", "is_recurring", "save_payment_method", "caller", "route", "idempotency_key"),
    *("request_fingerprint", "return_url", "request_body", "surplus_of", "consent_id", "not_saved_because"),
    *(
        "receipt_description",
        "receipt_vat_code",
        "receipt_tax_system_code",
        "receipt_subject",
        "receipt_mode",
    ),
    *("receipt_registration", "payment_method_id", "renewed_period_id", "notice_id"),
)
PLACES = ", ".join(f"${number}" for number, _ in enumerate(FROZEN, start=1))
INSERT = f"INSERT INTO payments ({', '.join(FROZEN)}) VALUES ({PLACES}) RETURNING {COLUMNS}"  # noqa: S608
# Whoever inserts is the first to send: a kill from here on leaves the truth, it may have left.
INSERT_CLAIMED = f"""
    WITH contact AS ({receipts.KEEP_ALONG.format(user="$2::bigint", sealed=f"${len(FROZEN) + 2}")})
    INSERT INTO payments
        ({", ".join(FROZEN)}, first_sent_at, last_sent_at, send_lease_until, outcome_unknown)
    VALUES ({PLACES}, billing_now(), billing_now(), billing_now() + ${len(FROZEN) + 1}::interval, true)
    RETURNING {COLUMNS}
"""  # noqa: S608


async def insert_payment(tx: Transaction, payment: Payment) -> Payment:
    """The row as it is in the database, with its defaults."""
    row = await tx.row(INSERT, *(getattr(payment, name) for name in FROZEN))
    return Payment.of_row(row or {})


async def insert_claimed(
    tx: Transaction, payment: Payment, *, lease: timedelta, contact: bytes | None = None
) -> Payment:
    """The same, claimed by whoever inserts: nobody else sends it before the lease is over. `contact`: where the user's
    receipts go from now on, sealed."""
    row = await tx.row(INSERT_CLAIMED, *(getattr(payment, name) for name in FROZEN), lease, contact)
    return Payment.of_row(row or {})


GIVE_KEY = "UPDATE payments SET idempotency_key = NULL WHERE id = $1"
GIVE_PLACE = "UPDATE payments SET replaced_by = $2 WHERE id = $1"


async def give_place(tx: Transaction, refused: Payment, successor: Payment) -> None:
    """Insert the payment that goes on in place of a refused one, under the key that both were asked for with."""
    await tx.execute(GIVE_KEY, refused.id)
    await insert_payment(tx, successor)
    await tx.execute(GIVE_PLACE, refused.id, successor.id)
    refused.idempotency_key, refused.replaced_by = None, successor.id


async def set_consent(tx: Transaction, payment_id: UUID, consent_id: UUID) -> None:
    """The user has agreed anew to what is still open."""
    await tx.execute("UPDATE payments SET consent_id = $2 WHERE id = $1", payment_id, consent_id)


MUTABLE = (
    *(
        "status",
        "request_body",
        "send_lease_until",
        "outcome_unknown",
        "provider_error_id",
        "provider_error_code",
    ),
    *("yookassa_payment_id", "confirmation_url", "cancellation_party", "cancellation_reason", "period_id"),
    *("income_amount", "receipt_registration"),
)
AT = {name: f"${number}" for number, name in enumerate(MUTABLE, start=4)}
SAVE = f"""
    UPDATE payments SET
        {", ".join(f"{name} = {place}" for name, place in AT.items())},
        updated_at = billing_now(),
        receipt_ask_at = {receipts.ASK_AT.format(status=AT["status"], registration=AT["receipt_registration"])},
        seen_at = CASE WHEN $2 THEN billing_now() ELSE seen_at END,
        paid_at = CASE WHEN $4 = 'SUCCEEDED' THEN coalesce(paid_at, $3, billing_now()) END,
        webhook_processed_at = CASE WHEN $4 = 'SUCCEEDED' THEN coalesce(webhook_processed_at, billing_now()) END
    WHERE id = $1
    RETURNING {COLUMNS}, EXISTS (
        SELECT FROM payments other
        WHERE other.user_id = payments.user_id AND other.id <> payments.id AND other.status = 'SUCCEEDED'
            AND (NOT other.is_recurring OR NOT payments.is_recurring AND other.payment_method_id IS NOT NULL)
            AND NOT other.frees_period AND other.webhook_processed_at > payments.created_at
            AND NOT EXISTS (
                SELECT FROM subscription_plans WHERE code IN (payments.plan_code, other.plan_code) AND is_test)
    ) AS paid_beside, EXISTS (
        SELECT FROM refunds r WHERE r.payment_id = payments.id AND r.status = 'SUCCEEDED' AND r.applied_at IS NULL
    ) AS refunds_wait, (
        SELECT renewal.id FROM payments renewal
        WHERE renewal.user_id = payments.user_id AND renewal.id <> payments.id AND NOT payments.is_recurring
            AND renewal.payment_method_id IS NOT NULL AND renewal.status = 'SUCCEEDED'
            AND renewal.first_sent_at < payments.created_at AND renewal.webhook_processed_at > payments.created_at
            AND NOT EXISTS (SELECT FROM subscription_plans WHERE code = payments.plan_code AND is_test)
        LIMIT 1
    ) AS renewed_beside
"""  # noqa: S608
# In the same round trip, and it fails for itself alone.
FIRST_KEPT = len(MUTABLE) + 4
KEPT = ", ".join(f"${number}" for number in range(FIRST_KEPT, FIRST_KEPT + 12))
KEEPING = f", keep_payment_method({KEPT}) AS kept"
# What it bought is laid by the statement that says it is paid: the one is never without the other.
GRANTING = f"""
    WITH paid AS (
        SELECT id, user_id, plan_code, duration_days, is_test FROM payments
        WHERE id = $1 AND purpose = '{PLAN}' AND plan_code IS NOT NULL AND duration_days IS NOT NULL
    ), granted AS ({LAY_PAID})
"""  # noqa: S608
GRANT = SAVE.replace(
    f"period_id = {AT['period_id']}",
    f"period_id = coalesce((SELECT id FROM granted), {AT['period_id']})",  # noqa: S608
)
SAVES = {
    (grants, keeps): f"{GRANTING + GRANT if grants else SAVE}".rstrip() + (KEEPING if keeps else "")
    for grants in (False, True)
    for keeps in (False, True)
}


class Saved(NamedTuple):
    """The row as it is now. `paid_beside`: another payment of the user was settled while this one was already open, a
    renewal too if this one is a purchase; `renewed_beside`: a renewal that was in flight when this one was begun has
    succeeded before it. What only tries the shop buys nothing, and is none of them.

    `refunds_wait`: something of it went back before it was settled here. `kept`: what became of its method.
    """

    payment: Payment
    paid_beside: bool
    refunds_wait: bool
    renewed_beside: UUID | None
    kept: str | None = None


async def save(
    tx: Transaction,
    payment: Payment,
    *,
    seen: bool = False,
    captured_at: datetime | None = None,
    grants: bool = False,
    keep: Sequence[object] = (),
) -> Saved:
    """Write down what changed of a locked payment. `seen`: the provider has just reported it; `grants`: it was just
    paid, and the days it bought are laid behind everything granted before, of its own kind of shop; `keep`: and what it
    was paid with is offered to `keep_payment_method`.

    A second period for the same payment violates `uq_subscription_periods_payment_id`.
    """
    values = [getattr(payment, name) for name in MUTABLE]
    row = await tx.row_of(SAVES[grants, bool(keep)], payment.id, seen, captured_at, *values, *keep)
    facts = dict(row or {})
    kept = facts.pop("kept", None)
    flags = {name: bool(facts.pop(name)) for name in ("paid_beside", "refunds_wait")}
    renewed_beside = facts.pop("renewed_beside")
    return Saved(Payment.of_row(facts), **flags, renewed_beside=renewed_beside, kept=kept)


SENDING = f"""
    SELECT {COLUMNS}, coalesce(send_lease_until > billing_now(), false) AS is_being_sent FROM payments WHERE id = $1
"""  # noqa: S608


async def get_with_sending(tx: Transaction, payment_id: UUID) -> tuple[Payment, bool]:
    """The payment, and whether somebody is sending it at this moment. Raises `LookupError` for an unknown id."""
    return _with_flag(await tx.row(SENDING, payment_id), "is_being_sent")


class Holder(NamedTuple):
    """Which of our payments an object of the provider's may be about."""

    id: UUID
    yookassa_payment_id: str | None
    surplus_of: UUID | None


async def list_candidates(tx: Transaction, yookassa_payment_id: str, named: UUID | None) -> Sequence[Holder]:
    """The payment that has this id of the provider's, and the one that its mark names."""
    rows = await tx.rows(
        "SELECT id, yookassa_payment_id, surplus_of FROM payments WHERE yookassa_payment_id = $1 OR id = $2",
        yookassa_payment_id,
        named,
    )
    return [Holder(**row) for row in rows]


BEGUN_EARLY = """
    SELECT p.user_id, s.id AS period_id, p.paid_at FROM subscription_periods s JOIN payments p ON p.id = s.payment_id
    WHERE upper(s.span) > billing_now() AND lower(s.span) < p.paid_at - $1::interval AND p.paid_at <= billing_now()
"""


class BegunEarly(NamedTuple):
    """A period that lies before the money came in, as the provider's clock has it."""

    user_id: int
    period_id: int
    paid_at: datetime


async def list_begun_early(tx: Transaction) -> Sequence[BegunEarly]:
    return [BegunEarly(**row) for row in await tx.rows(BEGUN_EARLY, AGREE_WITHIN)]


# A renewal of the service before this one stands on nothing of ours.
OWN_PERIOD = "UPDATE payments SET imported = false, is_recurring = false, period_id = $2 WHERE id = $1"


async def own_period(tx: Transaction, payment_id: UUID, period_id: int) -> None:
    """The days of an imported payment are a period of its own."""
    await tx.execute(OWN_PERIOD, payment_id, period_id)
