"""At the end: the provider's ledger against ours, every kopeck and every day; and one digest of the whole history."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from hashlib import sha256
from typing import Any, NamedTuple

from simulation.world import World

PAYMENTS = """
    SELECT yookassa_payment_id, user_id, plan_code, amount, status, purpose, is_recurring,
        surplus_of IS NOT NULL AS surplus, duration_days, period_id, paid_at, created_at
    FROM payments ORDER BY created_at, user_id, yookassa_payment_id
"""
REFUNDS = """
    SELECT r.yookassa_refund_id, p.yookassa_payment_id, p.user_id, r.amount, r.status, r.access, r.access_cut,
        r.made_by, r.completed_at
    FROM refunds r JOIN payments p ON p.id = r.payment_id ORDER BY r.created_at, r.yookassa_refund_id
"""
PERIODS = """
    SELECT user_id, plan_code, cause, days, cut, granted_at, lower(span) AS begins, upper(span) AS ends
    FROM subscription_periods ORDER BY id
"""
USAGE = "SELECT user_id, date, photo_ai_requests FROM daily_usage ORDER BY user_id, date"
EVENTS = """
    SELECT user_id, user_seq, kind, occurred_at FROM outbox_events
    WHERE user_id IS NOT NULL ORDER BY user_id, user_seq
"""
DIGESTED = (PAYMENTS, REFUNDS, PERIODS, USAGE, EVENTS)
OPEN = {
    "payment": "SELECT id FROM payments WHERE status IN ('PENDING', 'WAITING_FOR_CAPTURE')",
    "refund": "SELECT id FROM refunds WHERE status = 'PENDING'",
    "binding": "SELECT id FROM card_bindings WHERE status = 'PENDING'",
    "job": "SELECT entrypoint || ' ' || coalesce(dedupe_key, '') FROM pgqueuer",
    "event": "SELECT id FROM outbox_events WHERE feed_no IS NULL OR (user_id IS NOT NULL AND concluded_at IS NULL)",
}
OURS = "billing_payment_id"


class Figures(NamedTuple):
    """Of one world: what the ledger holds in the end."""

    purchases: int
    renewals: int
    refunds: int
    paid: Decimal
    returned: Decimal
    digest: str


def compare(world: World) -> Figures:
    """Differences become findings."""
    payments, refunds = world.control.fetch(PAYMENTS), world.control.fetch(REFUNDS)
    for difference in (
        *_twice(world),
        *_open(world),
        *_money_in(world, payments),
        *_money_back(world, refunds),
        *_told(world),
        *world.witness.gifts.differences(world.control, world.numbers.who),
    ):
        world.witness.find(f"in the end {difference}")
    paid = [row for row in payments if row["status"] == "SUCCEEDED"]
    renewals = sum(1 for row in paid if row["is_recurring"])
    back = [row for row in refunds if row["status"] == "SUCCEEDED"]
    return Figures(
        purchases=len(paid) - renewals,
        renewals=renewals,
        refunds=len(back),
        paid=sum((row["amount"] for row in paid), Decimal(0)),
        returned=sum((row["amount"] for row in back), Decimal(0)),
        digest=digest(world),
    )


def _twice(world: World) -> Iterator[str]:
    """A lost answer is asked for again under the same key: each order of ours is one object at the provider."""
    ids = [
        (record.payment.metadata or {}).get(OURS) for record in world.sandbox.yookassa.state.payments.values()
    ]
    for payment_id, count in Counter(one for one in ids if one).items():
        if count > 1:
            yield f"payment {payment_id} is there twice at the provider"


def _open(world: World) -> Iterator[str]:
    for what, query in OPEN.items():
        for row in world.control.fetch(query):
            yield f"a {what} is open: {' '.join(str(value) for value in row.values())}"


def _money_in(world: World, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    ours = {row["yookassa_payment_id"]: row for row in rows if row["yookassa_payment_id"]}
    for provider_id, record in world.sandbox.yookassa.state.payments.items():
        payment, row = record.payment, ours.get(provider_id)
        if payment.status != "succeeded" or OURS not in (payment.metadata or {}):
            continue
        if row is None or (row["status"], row["amount"]) != ("SUCCEEDED", payment.amount.value):
            yield f"payment {provider_id} of {payment.amount.value} is at the provider, here {row and dict(row)}"
        elif row["period_id"] is None:
            yield f"payment {provider_id} gave no days"
    theirs = world.sandbox.yookassa.state.payments
    for provider_id, row in ours.items():
        if row["status"] == "SUCCEEDED" and (
            provider_id not in theirs or theirs[provider_id].payment.status != "succeeded"
        ):
            yield f"payment {provider_id} succeeded here, and not at the provider"


def _money_back(world: World, rows: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    ours: dict[str, Decimal] = {}
    for row in rows:
        if row["status"] == "SUCCEEDED":
            payment = row["yookassa_payment_id"]
            ours[payment] = ours.get(payment, Decimal(0)) + row["amount"]
    for provider_id, record in world.sandbox.yookassa.state.payments.items():
        refunded = record.payment.refunded_amount
        theirs = refunded.value if refunded else Decimal(0)
        if theirs != ours.get(provider_id, Decimal(0)):
            yield f"{theirs} of payment {provider_id} went back, here {ours.get(provider_id, 0)}"


def _told(world: World) -> Iterator[str]:
    """The receiver of events knows the end of the access of each user."""
    for row in world.control.fetch(
        "SELECT user_id, max(user_seq) AS last FROM outbox_events GROUP BY user_id"
    ):
        user, last = row["user_id"], row["last"]
        if user is not None and (missing := set(range(1, last + 1)) - world.receiver.seen.get(user, set())):
            yield f"the receiver never heard of {sorted(missing)[:5]} of user {user}"


def digest(world: World) -> str:
    """The same for the same history, whatever its ids."""
    sum_of = sha256()
    for query in DIGESTED:
        for row in world.control.fetch(query):
            facts = [f"{name}={value}" for name, value in row.items()]
            sum_of.update(("|".join(facts) + "\n").encode())
    return sum_of.hexdigest()[:16]
