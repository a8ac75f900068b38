"""What somebody photographs, and how many photos he knows to be counted of each day."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from simulation.line import Line
from simulation.world import World

MOSCOW = ZoneInfo("Europe/Moscow")
TTL = 300


@dataclass
class Photographs:
    """Of one user. `counted`: what he knows to be counted of each day of Moscow; `unsure`: days of which he lost an
    answer for good; `key`: a new name for each thing he asks for."""

    world: World
    user: int
    dice: Random
    line: Line
    key: Callable[[], str]
    counted: dict[str, int] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)

    async def take_some(self) -> None:
        for _ in range(self.dice.randint(1, 3)):
            if self.dice.random() < 0.4:
                await self._consume()
            else:
                await self._analyse()
        await self._compare_usage()

    def _today(self) -> str:
        return f"{self.world.now.astimezone(MOSCOW):%Y-%m-%d}"

    async def _consume(self) -> None:
        day, user = self._today(), self.user
        answer = await self.line.internal(
            "POST", f"users/{user}/usage/consume/", {"amount": 1, "operation_id": f"photo-{self.key()}"}
        )
        self._doubt(answer, day, user)
        if answer.get("allowed"):
            self._count(day)
            self._watch_limit(answer)

    async def _analyse(self) -> None:
        """Reserve a place, let the analysis run, and say how it ended; now and then nobody does."""
        day, user, operation = self._today(), self.user, f"photo-{self.key()}"
        asked = {"operation_id": operation, "amount": 1, "ttl_seconds": TTL}
        answer = await self.line.internal("POST", f"users/{user}/usage/reserve/", asked)
        self._doubt(answer, day, user)
        if not answer.get("allowed"):
            return
        self._watch_limit(answer)
        throw = self.dice.random()
        if throw < 0.12:
            self.world.witness.note("analysis forgotten")
            return
        await asyncio.sleep(self.dice.uniform(1, 20))
        how = "commit" if throw < 0.7 else "release"
        ended = await self.line.internal(
            "POST", f"usage/operations/{operation}/{how}/", {} if how == "commit" else None
        )
        self._doubt(ended, day, user)
        self.world.witness.note(f"analysis: {how}")
        if how == "commit" and ended.get("allowed"):
            self._count(day)

    def _count(self, day: str) -> None:
        self.counted[day] = self.counted.get(day, 0) + 1
        self.world.witness.note("photo counted")

    def _doubt(self, answer: Mapping[str, Any], day: str, user: int) -> None:
        """What is asked for again under a number that is no longer his is counted there."""
        if answer.get("lost") or answer.get("refused") == "USER_MOVED" or user != self.user:
            self.unsure.add(day)

    def take_over(self, other: "Photographs") -> None:
        """What somebody else has used is used by this one, who he is from now on."""
        for day, count in other.counted.items():
            self.counted[day] = self.counted.get(day, 0) + count
        self.unsure |= other.unsure
        other.counted, other.unsure = self.counted, self.unsure

    def _watch_limit(self, answer: Mapping[str, Any]) -> None:
        """Who is let through under a limit of 3 has at most 3 counted or under way, also by his own count."""
        day, limit = self._today(), answer.get("daily_limit")
        if limit is None or day in self.unsure:
            return
        mine = self.counted.get(day, 0)
        if max(mine, answer["used_today"]) + answer["held"] > limit:
            self.world.witness.find(f"user {self.user} was let through above {limit}: {dict(answer)}")

    async def _compare_usage(self) -> None:
        """A failed analysis costs nothing, one that succeeded costs one."""
        day, user, moving = self._today(), self.user, self.world.numbers.moving
        is_moving = user in moving
        answer = await self.line.internal("GET", f"users/{user}/usage/")
        if day in self.unsure or "used_today" not in answer or day != self._today():
            return
        if is_moving or user in moving or user != self.user:
            return
        if answer["used_today"] != self.counted.get(day, 0):
            self.world.witness.find(
                f"user {self.user} used {self.counted.get(day, 0)} photos on {day}, "
                f"and {answer['used_today']} are counted"
            )
