"""What was given away in a world, by the word of whoever ordered it: to whom, how often, and what was taken back."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from simulation.agreements import CLOCKS
from simulation.control import Control

GIVEN = "SELECT user_id, plan_code, days FROM subscription_periods WHERE cause = 'grant'"
LEFT = """
    SELECT g.user_id, upper(s.span) AS ends FROM grants g JOIN subscription_periods s ON s.id = g.period_id
    WHERE g.id = ANY ($1::uuid[]) AND upper(s.span) > $2
"""


@dataclass
class Gift:
    """One order. `grants` are those that it is known to have become: of everybody who is named, once `is_sure`.
    `taken_at`: when somebody heard that what was left is taken back."""

    plan: str
    days: int
    users: Sequence[int]
    is_sure: bool = False
    grants: Sequence[str] = ()
    taken_at: datetime | None = None


@dataclass
class Gifts:
    orders: list[Gift] = field(default_factory=list)

    def order(self, plan: str, days: int, users: Sequence[int]) -> Gift:
        self.orders.append(gift := Gift(plan, days, users))
        return gift

    def differences(self, control: Control, who: Callable[[int], int]) -> Iterator[str]:
        """Everybody who was named was given his days, once for each order, and nobody else was; what was taken back is
        gone. `who` is whom a number belongs to."""
        least, most = Counter[tuple[int, str, int]](), Counter[tuple[int, str, int]]()
        for gift in self.orders:
            named = [(who(user), gift.plan, gift.days) for user in gift.users]
            most.update(named)
            least.update(set(named) if gift.is_sure else ())
        got = Counter((who(row["user_id"]), row["plan_code"], row["days"]) for row in control.fetch(GIVEN))
        for given in sorted(got | least):
            if not least[given] <= got[given] <= most[given]:
                user, plan, days = given
                yield (
                    f"user {user} was given {days} days of {plan} {got[given]} times, "
                    f"and ordered were {least[given]} to {most[given]}"
                )
        for gift in self.orders:
            if gift.taken_at is not None:
                for row in control.fetch(LEFT, list(gift.grants), gift.taken_at + CLOCKS):
                    yield f"user {row['user_id']} has days until {row['ends']} that were taken back"
