"""What is looked at after every hour in which anything happened: the service's own rules, and what is plain to see.

The rules are the service's (`operations/invariants`). Beside them stands what the pretend provider knows by itself, and
what the people of this world know: neither trusts the service's code.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from billing_service.operations.invariants import INVARIANTS
from simulation import charges
from simulation.agreements import CLOCKS
from simulation.holding import WITHIN, held_too_long
from simulation.prices import DAYS
from simulation.world import BEGIN, World

HOUR = timedelta(hours=1)
RULES = " UNION ALL ".join(
    f"(SELECT '{rule.replace(chr(39), chr(39) * 2)}' AS rule, violation::text FROM ({query}) found (violation) LIMIT 3)"  # noqa: S608 (our own)
    for rule, query in INVARIANTS.items()
)
# What was used stays used: a refund that was applied while its period ran leaves what had passed of it. Of one that is
# empty now only this is known: the first one of a user began when it was given.
TAKEN_BACK = """
    SELECT s.id FROM refunds r JOIN subscription_periods s ON s.payment_id = r.payment_id
    WHERE r.access_cut > interval '0' AND (
        (lower(s.span) < r.applied_at AND upper(s.span) < r.applied_at - interval '1 second')
        OR (isempty(s.span) AND r.applied_at > s.granted_at + interval '20 minutes' AND NOT EXISTS (
            SELECT FROM subscription_periods before WHERE before.user_id = s.user_id AND before.id < s.id)))
"""
PAID = """
    SELECT p.id, p.user_id, p.plan_code, p.yookassa_payment_id, p.amount, s.days, p.created_at
    FROM subscription_periods s JOIN payments p ON p.id = s.payment_id
"""


async def check_each_hour(world: World) -> None:
    """Stops the world at the first thing that must not be."""
    looked_at, moment = -1, BEGIN
    while True:
        moment += HOUR
        await world.until(moment)
        if world.turns.taken != looked_at:
            check(world)
            looked_at = world.turns.taken


class Violated(Exception):
    """Something that must never be."""


def check(world: World) -> None:
    witness = world.witness
    witness.note("hours checked")
    for row in world.control.fetch(RULES):
        witness.find(f"{row['rule']}: {row['violation']}")
    for row in world.control.fetch(TAKEN_BACK):
        witness.find(f"a refund took time that was already used of period {row['id']}")
    _periods_were_paid(world)
    for payment_id in held_too_long(world):
        witness.find(f"payment {payment_id} has been held for {WITHIN.days} days and is not taken")
    requests = world.sandbox.yookassa.state.requests
    for line in requests:
        witness.note("calls to the provider")
        if line.operation == "create_payment" and (line.body or {}).get("payment_method_id"):
            charges.judge(world, line)
        elif line.operation == "capture":
            charges.judge_capture(world, line)
    requests.clear()
    if witness.findings:
        raise Violated(f"{world.now:%Y-%m-%d %H:%M} " + "; ".join(witness.findings[:5]))


def _periods_were_paid(world: World) -> None:
    """Each paid period stands on money that the provider has, of the price, and is as long as was sold for it."""
    payments = world.sandbox.yookassa.state.payments
    for row in world.control.fetch(PAID):
        record = payments.get(row["yookassa_payment_id"])
        if record is None or record.payment.status != "succeeded":
            world.witness.find(f"payment {row['yookassa_payment_id']} gave days and was never paid")
        elif (
            record.payment.amount.value != row["amount"]
            or DAYS[row["plan_code"]] != row["days"]
            or not _cost(world, row)
        ):
            world.witness.find(
                f"payment {row['yookassa_payment_id']} gave {row['days']} days for {row['amount']}"
            )


def _cost(world: World, row: Mapping[str, Any]) -> bool:
    """Whether the plan was sold for this when it was ordered."""
    made = row["created_at"]
    return row["amount"] in world.witness.prices.between(row["plan_code"], made - CLOCKS, made + CLOCKS)
