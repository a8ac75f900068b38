"""One side of a day's money, as far as it has been compared."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

NOTHING = Decimal("0.00")
# How many of one kind are named; the first few are enough to start looking.
NAMED_AT_MOST = 20


@dataclass
class Side:
    """The payments or the refunds (`kind`) of a day, as the provider has them and as we have them, in roubles.

    They are compared from the newest on: what is older than `left_until` is still to be compared, unless it
    `is_complete`. What is not the same on both sides is counted, and some of it named; so is what belongs to another
    system in the shop.
    """

    kind: str
    begun_at: datetime
    left_until: datetime
    is_complete: bool = False
    theirs: Decimal = NOTHING
    ours: Decimal = NOTHING
    difference_count: int = 0
    differences: list[str] = field(default_factory=list)
    foreign_count: int = 0
    foreign_ids: list[str] = field(default_factory=list)

    def differs(self, how: str) -> None:
        self.difference_count += 1
        if len(self.differences) < NAMED_AT_MOST:
            self.differences.append(f"{self.kind} {how}")

    def cannot_read(self, provider_id: str | None) -> None:
        """When it was made nobody can tell: it may be met at the end of one part and at the beginning of the next."""
        how = f"{provider_id or 'without an id'} cannot be read"
        if f"{self.kind} {how}" not in self.differences:
            self.differs(how)

    def meets_foreign(self, provider_id: str) -> None:
        self.foreign_count += 1
        if len(self.foreign_ids) < NAMED_AT_MOST:
            self.foreign_ids.append(provider_id)

    def findings(self) -> Iterator[str]:
        yield from self.differences
        if unnamed := self.difference_count - len(self.differences):
            yield f"and {unnamed} more of the {self.kind}s"
