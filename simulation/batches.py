"""The same days for many, ordered by two at once, amid which the service dies, and gone on with; and taken back."""

import asyncio
from dataclasses import dataclass, field
from random import Random

from simulation.gifts import Gift
from simulation.line import Line
from simulation.prices import WANTED
from simulation.world import World

AUTHOR = "support: desk 3"


@dataclass
class Batches:
    """Of one desk. Its orders go over the line of whoever gives."""

    world: World
    dice: Random
    line: Line
    standing: list[tuple[str, Gift]] = field(default_factory=list)
    number: int = 0

    async def give(self) -> None:
        self.number += 1
        users = self.dice.sample(
            self.world.numbers.present(), k=self.dice.randint(1, min(8, len(self.world.numbers.present())))
        )
        name, plan, days = f"batch-{self.number}", self.dice.choice(list(WANTED)), self.dice.randint(1, 3)
        gift = self.world.witness.gifts.order(plan, days, users)
        body = {"user_ids": users, "plan_code": plan, "days": days, "author": AUTHOR, "reason": name}
        callers = self.dice.choice((1, 2))
        if self.dice.random() < 0.4 and not self.world.calm:
            self.world.api.doomed_in = self.dice.randint(8, 60)
            self.world.witness.note("a batch is cut off")
        answers = await asyncio.gather(
            *(self.line.internal("POST", "grants/batches/", body, key=name) for _ in range(callers))
        )
        for answer in answers:
            if "results" in answer:
                gift.grants = [one["grant_id"] for one in answer["results"] if one["grant_id"]]
                gift.is_sure = len(gift.grants) == len(answer["results"])
                self.standing.append((answer["grant_batch_id"], gift))
                self.world.witness.note("gives to many")

    async def take_back(self) -> None:
        if not self.standing:
            return
        batch, gift = self.standing.pop(self.dice.randrange(len(self.standing)))
        body = {"author": AUTHOR, "reason": "by mistake"}
        answer = await self.line.internal("POST", f"grants/batches/{batch}/revoke/", body)
        if "results" in answer:
            gift.taken_at = self.world.now
            self.world.witness.note("takes back from many")
