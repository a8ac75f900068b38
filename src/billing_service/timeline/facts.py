"""A fact of a user's history, as its sentence reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from billing_service.timeline.words import day, money

Data = Mapping[str, Any]


@dataclass(frozen=True)
class Fact:
    """One fact as it is told at the instant `now`; its days are those of `zone`."""

    at: datetime
    kind: str
    data: Data
    now: datetime
    zone: ZoneInfo

    @property
    def sum(self) -> str:
        return money(Decimal(self.data["amount"]))

    @property
    def today(self) -> str:
        """The day on which it happened."""
        return self.on(self.at)

    def on(self, at: datetime) -> str:
        return day(at, self.zone, self.now)

    def at_of(self, name: str) -> datetime:
        return datetime.fromisoformat(self.data[name])

    def day_of(self, name: str) -> str:
        return self.on(self.at_of(name))

    @property
    def by_whom(self) -> str:
        """` (support: сбой)`, nothing if nobody is named."""
        said = ": ".join(self.data[name] for name in ("author", "reason") if self.data.get(name))
        return f" ({said})" if said else ""
