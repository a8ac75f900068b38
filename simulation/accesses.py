"""Which plan a user has by his periods alone, whatever the service says of it."""

from simulation.outages import CLOCK_ERRS_AT_MOST
from simulation.world import World

FREE = "FREE"
PLANS = """
    SELECT coalesce((SELECT plan_code FROM subscription_periods WHERE user_id = $1 AND span @> at), $3) AS plan
    FROM unnest($2::timestamptz[]) at
"""


def plans_at(world: World, user: int) -> set[str]:
    """The plan of this instant; two, where the clock of the database may be on either side of an end."""
    moments = [world.now - CLOCK_ERRS_AT_MOST, world.now, world.now + CLOCK_ERRS_AT_MOST]
    return {row["plan"] for row in world.control.fetch(PLANS, user, moments, FREE)}
