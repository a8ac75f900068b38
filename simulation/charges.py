"""Was a charge allowed? By the provider's own log of what it was asked for, and by what people know."""

from datetime import datetime, timedelta
from decimal import Decimal

from billing_service.sandbox.model.state import LoggedRequest
from simulation.agreements import CLOCKS
from simulation.ledger import OURS
from simulation.outages import CLOCK_ERRS_AT_MOST
from simulation.world import World

# A payer must have known of a charge for so long; the service asks for a day more.
TOLD_AT_LEAST = timedelta(days=3)
# Between the decision and the socket, and for a stop to reach every process.
SLACK = timedelta(seconds=2)
# The service decides by the database's clock, which may err so far.
CLOCKS_DIFFER = 2 * CLOCK_ERRS_AT_MOST
# So long after the first time a charge whose answer was lost is sent again, as it was.
SENT_AGAIN_FOR = timedelta(hours=7)
PLAN = "SELECT plan_code FROM payments WHERE id = $1::uuid"


def judge(world: World, line: LoggedRequest) -> None:
    """One request to charge a saved method."""
    witness, body = world.witness, line.body or {}
    witness.note("charges")
    method, key = body["payment_method_id"], line.idempotence_key
    for refused in witness.refusals_of(method, line.at):
        if refused.in_flight != key:
            witness.find(
                f"the card of user {refused.user} was charged at {line.at}, after its refusal at {refused.at}"
            )
    if any(began + SLACK < line.at < (ended or line.at + SLACK) for began, ended in witness.stopped):
        witness.find(f"method {method} was charged at {line.at} although charging was stopped")
    if method not in witness.owners:
        witness.find(f"method {method} was charged, and nobody has ever saved it")
        return
    user, amount = witness.owners[method][0], Decimal(body["amount"]["value"])
    _knew(world, user, amount, line.at)
    _agreed(world, user, amount, line)


def judge_capture(world: World, line: LoggedRequest) -> None:
    """One request to take what is held: nothing of a card that was refused before, but what its payer pays himself."""
    record = world.sandbox.yookassa.state.payments[line.path.split("/")[-2]]
    world.witness.note("captures")
    method = record.payment.payment_method
    if record.payment.confirmation is None and method is not None:
        for refused in world.witness.refusals_of(method.id, line.at - SLACK):
            world.witness.find(
                f"money of user {refused.user} was taken at {line.at}, after his refusal at {refused.at}"
            )


def _knew(world: World, user: int, amount: Decimal, at: datetime) -> None:
    his = world.numbers.all_of(user)
    if not any(
        told.user in his
        and told.amount == amount
        and told.at + TOLD_AT_LEAST <= at
        and told.charge_at - CLOCKS_DIFFER <= at <= told.charge_until + CLOCKS_DIFFER
        for told in world.witness.told
    ):
        world.witness.find(f"user {user} was charged {amount} at {at}, of which nobody had told him in time")


def _agreed(world: World, user: int, amount: Decimal, line: LoggedRequest) -> None:
    """For the plan that he agreed to last and went through with, at its price of now, which he agreed to."""
    witness, at = world.witness, line.at
    plan = world.control.fetch(PLAN, (line.body or {})["metadata"][OURS])[0]["plan_code"]
    if amount not in witness.prices.between(plan, at - SENT_AGAIN_FOR, at + CLOCKS):
        witness.find(f"user {user} was charged {amount} for {plan} at {at}, which it does not cost")
    covering = witness.agreements.that_cover(
        world.numbers.all_of(user), plan, at=at, paid_at=lambda page: _paid_at(world, page)
    )
    agreed = {
        price
        for given in covering
        for price in witness.prices.between(plan, given.first - CLOCKS, given.last + CLOCKS)
    }
    if not agreed or amount > max(agreed):
        witness.find(f"user {user} was charged {amount} for {plan} at {at}, and has not agreed to that")


def _paid_at(world: World, page: str) -> datetime | None:
    return world.sandbox.yookassa.state.payments[page].payment.captured_at
