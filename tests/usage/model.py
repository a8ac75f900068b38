"""The rules of the daily limits in plain Python, as the documentation words them: one caller, no lock, no database.

A proof compares the real thing with this after every step. A deed answers the code of its refusal, or "allowed".
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

FREE_LIMIT = 3


@dataclass(frozen=True)
class Operation:
    """`place_taken`: somebody was admitted on that day although this one, late by then, still stood there."""

    user: int
    day: date
    amount: int
    state: str
    until: datetime
    changed_at: datetime
    place_taken: bool = False


@dataclass(frozen=True)
class Figures:
    plan: str
    limit: int | None
    used: int
    held: int
    resets_at: datetime


@dataclass
class Model:
    zone: ZoneInfo
    now: datetime
    counted: dict[tuple[int, date], int] = field(default_factory=dict)
    operations: dict[str, Operation] = field(default_factory=dict)
    pro: dict[int, tuple[datetime, datetime]] = field(default_factory=dict)

    @property
    def today(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def midnight(self) -> datetime:
        return datetime.combine(self.today + timedelta(days=1), time(), self.zone).astimezone(UTC)

    def is_pro(self, user: int) -> bool:
        begins, ends = self.pro.get(user, (self.now, self.now))
        return begins <= self.now < ends

    def limit(self, user: int) -> int | None:
        return None if self.is_pro(user) else FREE_LIMIT

    def is_live(self, operation: Operation) -> bool:
        return operation.state == "held" and self.now < operation.until

    def used(self, user: int, day: date) -> int:
        return self.counted.get((user, day), 0)

    def held(self, user: int, day: date) -> int:
        return sum(one.amount for one in self._of(user, day).values() if self.is_live(one))

    def figures(self, user: int) -> Figures:
        plan = "PRO_MONTHLY" if self.is_pro(user) else "FREE"
        used, held = self.used(user, self.today), self.held(user, self.today)
        return Figures(plan, self.limit(user), used, held, self.midnight)

    def ends(self) -> set[datetime]:
        """The instants at which something ends: today, a hold, a plan."""
        holds = {one.until for one in self.operations.values() if one.state == "held"}
        return {self.midnight} | holds | {end for _, end in self.pro.values()}

    def retry_after(self, user: int) -> int:
        """Whole seconds until the first live hold of today frees itself."""
        first = min(one.until for one in self._of(user, self.today).values() if self.is_live(one))
        return max(ceil((first - self.now).total_seconds()), 1)

    def consume(self, user: int, amount: int, name: str | None) -> str:
        return self._admit(user, amount, name, None)

    def reserve(self, user: int, amount: int, name: str, ttl: timedelta) -> str:
        return self._admit(user, amount, name, ttl)

    def commit(self, name: str) -> str:
        operation = self.operations.get(name)
        if operation is None:
            return "OPERATION_NOT_FOUND"
        if operation.state == "counted":
            return "allowed"
        has_its_place = operation.state == "held" and not operation.place_taken
        if not has_its_place:
            if self._verdict(operation.user, operation.day, operation.amount) != "allowed":
                return "OPERATION_EXPIRED"
            self._take_late_places(operation.user, operation.day)
        self._count(operation.user, operation.day, operation.amount)
        self.operations[name] = replace(operation, state="counted", changed_at=self.now)
        return "allowed"

    def release(self, name: str) -> str:
        operation = self.operations.get(name)
        if operation is None:
            return "OPERATION_NOT_FOUND"
        if operation.state == "counted":
            return "OPERATION_COMMITTED"
        if operation.state == "held":
            self.operations[name] = replace(operation, state="released", changed_at=self.now)
        return "allowed"

    def reset(self, user: int) -> str:
        self.counted.pop((user, self.today), None)
        return "allowed"

    def clean_up(self) -> None:
        week = self.now - timedelta(days=8)
        self.operations = {name: one for name, one in self.operations.items() if one.changed_at >= week}
        year = self.now - timedelta(days=400)
        self.counted = {key: n for key, n in self.counted.items() if _midnight_utc(key[1]) >= year}

    def _admit(self, user: int, amount: int, name: str | None, ttl: timedelta | None) -> str:
        known = self.operations.get(name or "")
        if known and (known.state == "counted" or self.is_live(known)):
            return "allowed" if (known.user, known.amount) == (user, amount) else "OPERATION_MISMATCH"
        verdict = self._verdict(user, self.today, amount)
        if verdict == "allowed":
            self._take_late_places(user, self.today)
            if ttl is None:
                self._count(user, self.today, amount)
            if name:
                state = "held" if ttl else "counted"
                until = self.now + (ttl or timedelta())
                self.operations[name] = Operation(user, self.today, amount, state, until, self.now)
        return verdict

    def _verdict(self, user: int, day: date, amount: int) -> str:
        limit, used, held = self.limit(user), self.used(user, day), self.held(user, day)
        if limit is None or used + held + amount <= limit:
            return "allowed"
        if amount > limit:
            return "AMOUNT_ABOVE_LIMIT"
        return "LIMIT_HELD" if used + amount <= limit else "DAILY_LIMIT_REACHED"

    def _count(self, user: int, day: date, amount: int) -> None:
        self.counted[user, day] = self.used(user, day) + amount

    def _take_late_places(self, user: int, day: date) -> None:
        for name, one in self._of(user, day).items():
            if one.state == "held" and not self.is_live(one):
                self.operations[name] = replace(one, place_taken=True)

    def _of(self, user: int, day: date) -> dict[str, Operation]:
        return {name: one for name, one in self.operations.items() if (one.user, one.day) == (user, day)}


def _midnight_utc(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
