"""What goes wrong at the provider and on the way to it, by the sandbox's own dice, and how often each did."""

from billing_service.sandbox.model.faults import NOTIFICATION, Fault, Rule
from simulation.world import World

DAY = 86400.0
CALLS = {
    Fault.LOST_BEFORE: 0.01,
    Fault.LOST_AFTER: 0.015,
    Fault.DROP: 0.005,
    Fault.ERROR_500: 0.01,
    Fault.HTML_502: 0.005,
    Fault.TOO_MANY: 0.005,
    Fault.SLOW: 0.01,
    Fault.PROCESSING: 0.005,
}
NOTIFICATIONS = {
    Fault.LOSE: 0.1,
    Fault.DOUBLE: 0.08,
    Fault.DELAY: 0.08,
    Fault.REORDER: 0.05,
    Fault.EARLY: 0.02,
    Fault.WRONG_AMOUNT: 0.02,
    Fault.FORGE: 0.03,
    Fault.UNKNOWN_FIELDS: 0.02,
    Fault.UNKNOWN_EVENT: 0.02,
}


def let_the_provider_err(world: World) -> None:
    dice = world.dice("provider")
    rules = [Rule(fault=fault, probability=chance) for fault, chance in CALLS.items()]
    rules.append(Rule(operation="create_payment", fault=Fault.LOST_AFTER, probability=0.05))
    rules.append(Rule(operation="create_refund", fault=Fault.LOST_AFTER, probability=0.1))
    rules.append(
        Rule(
            operation="create_payment",
            fault=Fault.STAY_PENDING,
            probability=0.05,
            seconds=dice.uniform(600, 2 * DAY),
        )
    )
    rules.append(
        Rule(
            operation="create_refund",
            fault=Fault.STAY_PENDING,
            probability=0.1,
            seconds=dice.uniform(600, 2 * DAY),
        )
    )
    rules += [
        Rule(
            operation=NOTIFICATION,
            fault=fault,
            probability=chance,
            seconds=dice.uniform(60, 3 * DAY) if fault is Fault.DELAY else None,
        )
        for fault, chance in NOTIFICATIONS.items()
    ]
    world.sandbox.yookassa.state.rules.extend(rules)


def note_struck(world: World) -> None:
    """How often each has struck; one that never did is named too."""
    for rule in world.sandbox.yookassa.state.rules:
        place = "notification" if rule.operation == NOTIFICATION else "call"
        world.witness.happened[f"fault: {place} {rule.fault.value}"] += rule.used
