"""The SQL of payments."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from billing_service.charging.retries import Try
from billing_service.charging.service import MAY_CHARGE
from billing_service.kit.clock import AGREE_WITHIN
from billing_service.kit.columns import columns_of
from billing_service.kit.ratelimit import Rate
from billing_service.kit.transaction import Row, Transaction
from billing_service.kit.turns import Busy
from billing_service.payments.models import Payment
from billing_service.receipts import queries as receipts

COLUMNS, OF_P = columns_of(Payment), columns_of(Payment, "p")


async def get_payment(tx: Transaction, payment_id: UUID) -> Payment | None:
    row = await tx.row(f"SELECT {COLUMNS} FROM payments WHERE id = $1", payment_id)  # noqa: S608 (constant columns)
    return None if row is None else Payment(**row)


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

    Raises `LookupError` for an unknown id, and `Busy` where `tx` may not wait for somebody else who has them.
    """
    return Payment(**await _locked(tx, LOCK, payment_id))


async def lock_for_object(
    tx: Transaction, payment_id: UUID, yookassa_payment_id: str
) -> tuple[Payment, bool]:
    """The same; and whether another payment had this object of the provider's when the lock was asked for."""
    return _with_flag(await _locked(tx, LOCK_FOR, payment_id, yookassa_payment_id), "held_elsewhere")


async def _locked(tx: Transaction, lock: str, payment_id: UUID, *values: object) -> Row:
    row = await tx.row(lock if tx.waits else lock.rstrip() + UNLESS_LOCKED, payment_id, *values)
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
    return Payment(**facts), flag


async def get_holder(tx: Transaction, yookassa_payment_id: str) -> Payment | None:
    row = await tx.row(f"SELECT {COLUMNS} FROM payments WHERE yookassa_payment_id = $1", yookassa_payment_id)  # noqa: S608
    return None if row is None else Payment(**row)


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
        (SELECT first_sent_at + $18::interval FROM payments
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
    return Payment(**row or {})


async def insert_claimed(
    tx: Transaction, payment: Payment, *, lease: timedelta, contact: bytes | None = None
) -> Payment:
    """The same, claimed by whoever inserts: nobody else sends it before the lease is over. `contact`: where the user's
    receipts go from now on, sealed."""
    row = await tx.row(INSERT_CLAIMED, *(getattr(payment, name) for name in FROZEN), lease, contact)
    return Payment(**row or {})


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
            AND NOT other.is_recurring AND other.webhook_processed_at > payments.created_at
    ) AS paid_beside, EXISTS (
        SELECT FROM refunds r WHERE r.payment_id = payments.id AND r.status = 'SUCCEEDED' AND r.applied_at IS NULL
    ) AS refunds_wait, (
        SELECT renewal.id FROM payments renewal
        WHERE renewal.user_id = payments.user_id AND renewal.id <> payments.id AND NOT payments.is_recurring
            AND renewal.payment_method_id IS NOT NULL AND renewal.status = 'SUCCEEDED'
            AND renewal.first_sent_at < payments.created_at AND renewal.webhook_processed_at > payments.created_at
        LIMIT 1
    ) AS renewed_beside
"""  # noqa: S608
# In the same round trip, and it fails for itself alone.
FIRST_KEPT = len(MUTABLE) + 4
KEPT = ", ".join(f"${number}" for number in range(FIRST_KEPT, FIRST_KEPT + 12))
SAVE_AND_KEEP = f"{SAVE.rstrip()}, keep_payment_method({KEPT}) AS kept"


class Saved(NamedTuple):
    """The row as it is now. `paid_beside`: another payment of the user was settled while this one was already open;
    `renewed_beside`: a renewal that was in flight when this one was begun has succeeded before it.

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
    keep: Sequence[object] = (),
) -> Saved:
    """Write down what changed of a locked payment. `seen`: the provider has just reported it; `keep`: and what it was
    paid with is offered to `keep_payment_method`."""
    values = [getattr(payment, name) for name in MUTABLE]
    row = await tx.row(SAVE_AND_KEEP if keep else SAVE, payment.id, seen, captured_at, *values, *keep)
    facts = dict(row or {})
    kept = facts.pop("kept", None)
    flags = {name: bool(facts.pop(name)) for name in ("paid_beside", "refunds_wait")}
    renewed_beside = facts.pop("renewed_beside")
    return Saved(Payment(**facts), **flags, renewed_beside=renewed_beside, kept=kept)


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
        AND NOT EXISTS (
            SELECT FROM subscription_periods later JOIN subscription_periods renewed ON renewed.id = p.renewed_period_id
            WHERE later.user_id = p.user_id AND period_line(later.chain) = period_line(renewed.chain)
                AND upper(later.span) > upper(renewed.span)
        )
    FROM payments p JOIN subscriptions s USING (user_id) JOIN payment_methods m ON m.id = p.payment_method_id
        JOIN consents c ON c.id = p.consent_id JOIN renewal_notices n ON n.id = p.notice_id
        JOIN subscription_plans plan ON plan.code = p.plan_code
    WHERE p.id = $1
"""  # noqa: S608 (constant SQL, as all above)


async def may_charge_again(tx: Transaction, payment_id: UUID, *, within: timedelta) -> bool:
    """The caller holds the user's lock and the payment's."""
    return bool(await tx.value(MAY_CHARGE_AGAIN, payment_id, within))


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
