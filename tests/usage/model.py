"""The rules of the daily limits in plain Python, as the documentation words them: one caller, no lock, no database.

A proof compares the real thing with this after every step. A deed answers the code of its refusal, or "allowed".
"""

from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from math import ceil
from zoneinfo import ZoneInfo

FREE_LIMIT = 3
PHOTOS, PLANS = "photo_ai", "personal_plan"
HELD_AT_MOST = timedelta(hours=4)


@dataclass(frozen=True)
class Operation:
    """`place_taken`: somebody was admitted on that day although this one, late by then, still stood there.

    `amount` is what was asked for, `counted` what counts of it.
    """

    user: int
    day: date
    feature: str
    amount: int
    state: str
    began_at: datetime
    until: datetime
    changed_at: datetime
    counted: int = 0
    place_taken: bool = False


@dataclass(frozen=True)
class Figures:
    plan: str
    limit: int | None
    used: int
    held: int
    resets_at: datetime
    feature: str = PHOTOS


@dataclass(frozen=True)
class Explained:
    """One line of what explains a day. `name` of None: nobody named it."""

    name: str | None
    state: str
    counts: int
    ended_at: datetime | None


@dataclass
class Model:
    zone: ZoneInfo
    now: datetime
    counted: dict[tuple[int, date, str], int] = field(default_factory=dict)
    nameless: dict[tuple[int, date, str], list[Explained]] = field(default_factory=dict)
    limits: dict[str, dict[str, int | None]] = field(
        default_factory=lambda: {
            "FREE": {PHOTOS: FREE_LIMIT, PLANS: 1},
            "PRO_MONTHLY": {PHOTOS: None, PLANS: 4},
        }
    )
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

    def plan(self, user: int) -> str:
        return "PRO_MONTHLY" if self.is_pro(user) else "FREE"

    def limit(self, user: int, feature: str) -> int | None:
        return self.limits[self.plan(user)].get(feature, 0)

    def is_live(self, operation: Operation) -> bool:
        return operation.state == "held" and self.now < operation.until

    def used(self, user: int, day: date, feature: str = PHOTOS) -> int:
        return self.counted.get((user, day, feature), 0)

    def held(self, user: int, day: date, feature: str) -> int:
        return sum(one.amount for one in self._of(user, day, feature).values() if self.is_live(one))

    def figures(self, user: int, feature: str = PHOTOS) -> Figures:
        used, held = self.used(user, self.today, feature), self.held(user, self.today, feature)
        return Figures(self.plan(user), self.limit(user, feature), used, held, self.midnight, feature)

    def explanation(self, user: int, feature: str) -> list[Explained]:
        """In any order."""
        named = [
            Explained(
                name,
                "expired" if one.state == "held" and not self.is_live(one) else one.state,
                one.counted if one.state == "counted" else 0,
                None if one.state == "held" else one.changed_at,
            )
            for name, one in self._of(user, self.today, feature).items()
        ]
        return [*named, *self.nameless.get((user, self.today, feature), [])]

    def ends(self) -> set[datetime]:
        """The instants at which something ends: today, a hold, a plan."""
        holds = {one.until for one in self.operations.values() if one.state == "held"}
        return {self.midnight} | holds | {end for _, end in self.pro.values()}

    def retry_after(self, user: int, feature: str, day: date, but: str | None = None) -> int:
        """Whole seconds until the first live hold of the day frees itself, besides that of `but`."""
        others = [one for name, one in self._of(user, day, feature).items() if name != but]
        first = min(one.until for one in others if self.is_live(one))
        return max(ceil((first - self.now).total_seconds()), 1)

    def consume(self, user: int, amount: int, name: str | None, feature: str) -> str:
        return self._admit(user, amount, name, None, feature)

    def reserve(self, user: int, amount: int, name: str, ttl: timedelta, feature: str) -> str:
        return self._admit(user, amount, name, ttl, feature)

    def commit(self, name: str, amount: int | None = None) -> str:
        """What it holds is its own while nobody took its place; everything else is asked for like a new one."""
        one = self.operations.get(name)
        if one is None:
            return "OPERATION_NOT_FOUND"
        wanted = amount or one.amount
        if one.state == "counted":
            return "allowed" if wanted == one.counted else "OPERATION_MISMATCH"
        has_its_place = one.state == "held" and not one.place_taken
        own = min(wanted, one.amount) if has_its_place else 0
        if wanted > own:
            verdict = self._rest_verdict(name, one, own, wanted)
            if verdict != "allowed":
                return verdict if has_its_place else "OPERATION_EXPIRED"
            self._take_late_places(one.user, one.day, one.feature)
        self._count(one.user, one.day, one.feature, wanted)
        self.operations[name] = replace(one, state="counted", counted=wanted, changed_at=self.now)
        return "allowed"

    def _rest_verdict(self, name: str, one: Operation, own: int, wanted: int) -> str:
        """As if its own part counted already and its hold were gone."""
        day = (one.user, one.day, one.feature)
        ahead = replace(
            self, counted=self.counted | {day: self.used(*day) + own}, operations=dict(self.operations)
        )
        ahead.operations[name] = replace(one, state="released")
        verdict = ahead.verdict(*day, wanted - own)
        limit = self.limit(one.user, one.feature)
        return (
            "AMOUNT_ABOVE_LIMIT" if verdict != "allowed" and limit is not None and wanted > limit else verdict
        )

    def extend(self, name: str, ttl: timedelta) -> str:
        one = self.operations.get(name)
        if one is None:
            return "OPERATION_NOT_FOUND"
        if one.state == "counted":
            return "OPERATION_COMMITTED"
        if not self.is_live(one):
            return "OPERATION_EXPIRED"
        until = max(one.until, min(self.now + ttl, one.began_at + HELD_AT_MOST))
        self.operations[name] = replace(one, until=until)
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

    def reset(self, user: int, feature: str) -> str:
        day = (user, self.today, feature)
        back = Explained(None, "reset", -self.counted.pop(day, 0), self.now)
        self.nameless.setdefault(day, []).append(back)
        return "allowed"

    def clean_up(self) -> None:
        week = self.now - timedelta(days=8)
        self.operations = {name: one for name, one in self.operations.items() if one.changed_at >= week}
        year = self.now - timedelta(days=400)
        self.counted = {key: n for key, n in self.counted.items() if _midnight_utc(key[1]) >= year}

    def _admit(self, user: int, amount: int, name: str | None, ttl: timedelta | None, feature: str) -> str:
        known = self.operations.get(name or "")
        if known and (known.state == "counted" or self.is_live(known)):
            same = (known.user, known.feature, known.amount) == (user, feature, amount)
            return "allowed" if same else "OPERATION_MISMATCH"
        day = (user, self.today, feature)
        verdict = self.verdict(*day, amount)
        if verdict == "allowed":
            self._take_late_places(*day)
            counted = 0 if ttl else amount
            self._count(*day, counted)
            if name:
                state = "held" if ttl else "counted"
                until = self.now + (ttl or timedelta())
                self.operations[name] = Operation(*day, amount, state, self.now, until, self.now, counted)
            else:
                self.nameless.setdefault(day, []).append(Explained(None, "counted", amount, self.now))
        return verdict

    def verdict(self, user: int, day: date, feature: str, amount: int) -> str:
        limit, used = self.limit(user, feature), self.used(user, day, feature)
        held = self.held(user, day, feature)
        if limit is None or used + held + amount <= limit:
            return "allowed"
        if amount > limit:
            return "AMOUNT_ABOVE_LIMIT"
        return "LIMIT_HELD" if used + amount <= limit else "DAILY_LIMIT_REACHED"

    def _count(self, user: int, day: date, feature: str, amount: int) -> None:
        self.counted[user, day, feature] = self.used(user, day, feature) + amount

    def _take_late_places(self, user: int, day: date, feature: str) -> None:
        for name, one in self._of(user, day, feature).items():
            if one.state == "held" and not self.is_live(one):
                self.operations[name] = replace(one, place_taken=True)

    def _of(self, user: int, day: date, feature: str) -> dict[str, Operation]:
        of = (user, day, feature)
        return {name: one for name, one in self.operations.items() if (one.user, one.day, one.feature) == of}


def _midnight_utc(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
