"""Proof: money by status and plan to the kopeck, access until of every user, and by name whatever is otherwise.

There is what was read of the old tables, here what our tables hold once it is written; neither is taken from the other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from billing_service.kit.money import to_wire
from billing_service.kit.transaction import Row, Transaction
from billing_service.legacy import differences
from billing_service.legacy.plans import PlanOutcome

PAID_THERE = """
    SELECT plan_code AS plan, count(*) AS number, sum(amount) AS amount FROM judged_payments
    WHERE is_paid GROUP BY plan_code
"""
# Of those some are not taken, for a reason that is listed, or are asked about because their payer lives here already.
EXCEPTED = """
    SELECT o.plan_code AS plan, count(*) AS number, sum(o.amount) AS amount
    FROM judged_payments o LEFT JOIN payments ours ON ours.id = o.id
    WHERE o.is_paid AND (o.untaken IS NOT NULL OR NOT ours.imported) GROUP BY o.plan_code
"""
PAID_HERE = """
    SELECT plan_code AS plan, count(*) AS number, sum(amount) AS amount FROM payments
    WHERE caller = 'legacy' AND imported AND status = 'SUCCEEDED' AND shop_id = $1 AND is_test = $2 GROUP BY plan_code
"""
RETURNED_THERE = """
    SELECT plan_code AS plan, count(*) AS number, sum(amount) AS amount FROM judged_refunds
    WHERE status = 'SUCCEEDED' AND untaken IS NULL GROUP BY plan_code
"""
# What went back since, or was learned of since, is not the import's.
RETURNED_HERE = """
    SELECT p.plan_code AS plan, count(*) AS number, sum(r.amount) AS amount
    FROM refunds r JOIN payments p ON p.id = r.payment_id JOIN old_refunds o ON o.id = r.id
    WHERE r.status = 'SUCCEEDED' AND o.status = 'SUCCEEDED' AND p.shop_id = $1 AND p.is_test = $2 GROUP BY p.plan_code
"""
STATUSES = """
    SELECT o.plan_code AS plan, o.status AS there, ours.status AS here, count(*) AS number, sum(o.amount) AS amount
    FROM old_payments o LEFT JOIN payments ours ON ours.id = o.id GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
COUNTS = """
    SELECT (SELECT count(*) FROM old_users) AS users,
        (SELECT count(*) FROM old_subscriptions WHERE has_card) AS cards_there,
        (SELECT count(*) FROM payment_methods WHERE consent_id IS NULL AND status = 'ACTIVE') AS cards_here,
        (SELECT count(*) FROM old_subscriptions WHERE auto_renew) AS renewing_there,
        (SELECT count(*) FROM old_access WHERE span @> billing_now()) AS with_access_there
"""


@dataclass(frozen=True)
class Sum:
    """So many, worth so much."""

    number: int
    amount: Decimal

    def as_dict(self) -> Mapping[str, object]:
        return {"number": self.number, "amount": to_wire(self.amount)}


NOTHING = Sum(0, Decimal("0.00"))


@dataclass(frozen=True)
class Compared:
    """The same thing on both sides; `excepted` is listed by name and taken off there."""

    there: Sum
    excepted: Sum
    here: Sum

    @property
    def is_equal(self) -> bool:
        return (self.there.number - self.excepted.number, self.there.amount - self.excepted.amount) == (
            self.here.number,
            self.here.amount,
        )

    def as_dict(self) -> Mapping[str, object]:
        return {
            "there": self.there.as_dict(),
            "excepted": self.excepted.as_dict(),
            "here": self.here.as_dict(),
            "equal": self.is_equal,
        }


@dataclass(frozen=True)
class Proof:
    """By plan, then by kind of difference. `is_whole`: every sum is equal and whatever differs has a reason."""

    import_id: int
    paid: Mapping[str, Compared]
    returned: Mapping[str, Compared]
    access: Row
    differing: Mapping[str, int]
    report: Mapping[str, object]

    @property
    def is_whole(self) -> bool:
        equal = all(one.is_equal for one in (*self.paid.values(), *self.returned.values()))
        return equal and not differences.UNEXPLAINED.intersection(self.differing)


async def prove(
    tx: Transaction, import_id: int, source: str, plans: Sequence[PlanOutcome], *, shop_id: str, is_test: bool
) -> Proof:
    """Compare everything, and list by name what differs in the place of what the import before had listed."""
    differing = await differences.list_anew(tx, import_id, plans)
    shop = (shop_id, is_test)
    paid = _compared(await tx.rows(PAID_THERE), await tx.rows(EXCEPTED), await tx.rows(PAID_HERE, *shop))
    returned = _compared(await tx.rows(RETURNED_THERE), [], await tx.rows(RETURNED_HERE, *shop))
    access = await differences.count_access(tx)
    report: dict[str, object] = {
        "source": source,
        "paid": {plan: one.as_dict() for plan, one in paid.items()},
        "returned": {plan: one.as_dict() for plan, one in returned.items()},
        "statuses": [_status(row) for row in await tx.rows(STATUSES)],
        "access": dict(access),
        "counts": dict(await tx.row(COUNTS) or {}),
        "plans": [
            {"code": one.code, "outcome": one.outcome, "kept_here": sorted(one.differs)} for one in plans
        ],
        "differences": differing,
    }
    proof = Proof(import_id, paid, returned, access, differing, report)
    return replace(proof, report={"whole": proof.is_whole} | report)


def _compared(there: Sequence[Row], excepted: Sequence[Row], here: Sequence[Row]) -> Mapping[str, Compared]:
    parts = [
        {row["plan"] or "no plan": Sum(row["number"], row["amount"]) for row in rows}
        for rows in (there, excepted, here)
    ]
    plans = sorted({plan for part in parts for plan in part})
    return {plan: Compared(*(part.get(plan, NOTHING) for part in parts)) for plan in plans}


def _status(row: Row) -> Mapping[str, object]:
    return {
        "plan": row["plan"] or "no plan",
        "there": row["there"],
        "here": row["here"],
        "number": row["number"],
        "amount": to_wire(row["amount"]),
    }
