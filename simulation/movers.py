"""Support gives users other numbers: new ones, those of others who are the same person, and their old ones back."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from simulation.agreements import CLOCKS
from simulation.line import Line
from simulation.people import HOURS, Person
from simulation.world import World

WHO = {"author": "support: desk 4", "reason": "signed in by another account"}
EVERY = 6 * 86400.0
FIRST_NEW_NUMBER = 1001
# What both have ahead of them; and whether anything else has changed that since.
AHEAD = """
    SELECT coalesce(sum(upper(span) - greatest(lower(span), $2)), interval '0') AS ahead
    FROM subscription_periods WHERE user_id = ANY ($1::bigint[]) AND upper(span) > $2
"""
BUSY = """
    SELECT DISTINCT p.user_id FROM payments p LEFT JOIN refunds r ON r.payment_id = p.id AND r.status = 'PENDING'
    WHERE p.status IN ('PENDING', 'WAITING_FOR_CAPTURE') OR r.id IS NOT NULL ORDER BY p.user_id
"""
CHANGED = """
    SELECT EXISTS (SELECT FROM subscription_periods WHERE user_id = ANY ($1::bigint[]) AND granted_at > $2)
        OR EXISTS (SELECT FROM refunds r JOIN payments p ON p.id = r.payment_id
            WHERE p.user_id = ANY ($1::bigint[]) AND r.applied_at > $2)
        OR EXISTS (SELECT FROM grants WHERE user_id = ANY ($1::bigint[]) AND revoked_at > $2) AS changed
"""


@dataclass
class Mover:
    world: World
    dice: Random
    line: Line
    people: Mapping[int, Person]
    left: list[tuple[int, int]] = field(default_factory=list)
    number: int = FIRST_NEW_NUMBER

    async def live(self) -> None:
        while True:
            await asyncio.sleep(self.dice.expovariate(1 / EVERY))
            if self.dice.random() < 0.5:
                await self._wait_for_people()
            if self.world.now > self.world.ends:
                return
            await self._move(*self._a_move())

    async def _wait_for_people(self) -> None:
        """Until they have their phones in their hands, and pages are open."""
        at = self.world.now.replace(hour=self.dice.choice(HOURS), minute=0) + timedelta(
            seconds=self.dice.uniform(0, 1200)
        )
        await self.world.until(at if at > self.world.now else at + timedelta(days=1))

    def _a_move(self) -> tuple[int, int]:
        """Who, and who he becomes."""
        throw, present = self.dice.random(), self.world.numbers.present()
        back = [(now, before) for before, now in self.left if now in present and before not in present]
        if throw < 0.35 and back:
            return self.dice.choice(back)
        if throw < 0.5:
            one, other = self.dice.sample(present, k=2)
            return one, other
        self.number += 1
        busy = [row["user_id"] for row in self.world.control.fetch(BUSY) if row["user_id"] in present]
        return self.dice.choice(busy or present), self.number

    async def _move(self, number: int, other: int) -> None:
        numbers, asked = self.world.numbers, self.world.now
        before = self._ahead(number, other)
        numbers.moving |= {number, other}
        answer: Mapping[str, Any] = {"lost": True}
        while answer.get("lost"):
            answer = await self.line.internal("POST", f"users/{number}/move-to/{other}/", WHO)
        if "moved_at" in answer:
            self._note(number, other)
            self._compare(before, asked, number, other)
        numbers.moving -= {number, other}

    def _note(self, number: int, other: int) -> None:
        numbers, note = self.world.numbers, self.world.witness.note
        note("becomes another user" if other in numbers.present() else "gets another number")
        numbers.become(number, other)
        self.left.append((number, other))
        his = [one for one in self.people.values() if one.user in {number, other}]
        living = next(one for one in his if not one.is_over)
        for one in his:
            one.become(other, living)

    def _ahead(self, *of: int) -> timedelta:
        ahead: timedelta = self.world.control.fetch(AHEAD, list(of), self.world.now)[0]["ahead"]
        return ahead

    def _compare(self, before: timedelta, asked: datetime, *of: int) -> None:
        """Days are neither lost nor doubled by it; time passes for what each of them had, and clocks may err."""
        if self.world.control.fetch(CHANGED, list(of), asked - CLOCKS)[0]["changed"]:
            return
        passed = 2 * (self.world.now - asked) + 2 * CLOCKS
        if abs(self._ahead(*of) - before) > passed:
            self.world.witness.find(
                f"user {of[0]} had {before} ahead with {of[1]}, and by becoming him {self._ahead(*of)}"
            )
