"""What the simulation knows by itself, without asking the service: against this it is judged."""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from simulation.agreements import Agreements
from simulation.gifts import Gifts
from simulation.prices import PriceList


@dataclass(frozen=True)
class Refused:
    """A user's word that none of these methods, all that he had saved until then, is ever charged again. `in_flight`:
    the charge that the receipt names."""

    user: int
    at: datetime
    in_flight: str | None
    methods: Collection[str]


@dataclass(frozen=True)
class Told:
    """A payer was told that so much will be charged, not before one instant and not after another."""

    user: int
    amount: Decimal
    at: datetime
    charge_at: datetime
    charge_until: datetime


@dataclass
class Witness:
    """`happened` counts deeds and faults by kind; `findings` is what must not be."""

    happened: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    refused: list[Refused] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    # Method of the provider's -> whose it is, and since when it is saved.
    owners: dict[str, tuple[int, datetime]] = field(default_factory=dict)
    # When charging was stopped for everybody, and when it was started again.
    stopped: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    prices: PriceList = field(default_factory=PriceList)
    gifts: Gifts = field(default_factory=Gifts)
    agreements: Agreements = field(default_factory=Agreements)

    def note(self, what: str) -> None:
        self.happened[what] += 1

    def find(self, what: str) -> None:
        self.findings.append(what)

    def refusals_of(self, method: str, before: datetime) -> Iterator[Refused]:
        """Refusals that were answered before this instant and hold for this method."""
        yield from (one for one in self.refused if method in one.methods and one.at < before)

    def methods_of(self, numbers: Collection[int]) -> Collection[str]:
        """All that were ever saved under one of these."""
        return {method for method, (user, _) in self.owners.items() if user in numbers}
