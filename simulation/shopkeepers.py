"""Who decides what a world's shop sells: new plans, other prices, and what is off sale for a while."""

import asyncio
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from simulation.line import Line
from simulation.prices import ADDED, AT_FIRST
from simulation.world import BEGIN, World

WHO = {"author": "owner", "reason": "what it costs from now on"}
TERMS = {"history_days": 180, "ai_recognition": True, "advanced_stats": True, "priority_support": True}
EVERY = 9 * 86400.0


@dataclass
class Shopkeeper:
    world: World
    dice: Random
    line: Line

    async def live(self) -> None:
        await self._open_shop()
        while True:
            await asyncio.sleep(self.dice.expovariate(1 / EVERY))
            if self.world.now > self.world.ends:
                return
            await self._change_a_plan()

    async def _open_shop(self) -> None:
        prices = self.world.witness.prices
        for plan, (_, price) in AT_FIRST.items():
            prices.ask(plan, Decimal(price), BEGIN)
            prices.know(plan, BEGIN)
        for plan, (days, price) in ADDED.items():
            body = TERMS | {"code": plan, "display_name": plan, "description": plan, "duration_days": days}
            prices.ask(plan, Decimal(price), self.world.now)
            await self.line.internal("POST", "plans/", body | {"price": price} | WHO)
            prices.know(plan, self.world.now)

    async def _change_a_plan(self) -> None:
        """Dearer, cheaper, or off sale for some days."""
        plan, price = self.dice.choice([*(AT_FIRST | ADDED).items()])[0], None
        now = self.world.witness.prices.now(plan)
        assert now is not None  # noqa: S101 (whatever is taken off sale is put on sale again below)
        if self.dice.random() < 0.75:
            price = (now * self.dice.choice((80, 90, 110, 125)) / 100).quantize(Decimal(1))
            await self._set(plan, price, {"price": f"{price}.00"})
            self.world.witness.note("changes a price")
            return
        await self._set(plan, None, {"is_active": False})
        self.world.witness.note("takes a plan off sale")
        await asyncio.sleep(self.dice.uniform(1, 6) * 86400)
        await self._set(plan, now, {"is_active": True})

    async def _set(self, plan: str, price: Decimal | None, change: dict[str, object]) -> None:
        self.world.witness.prices.ask(plan, price, self.world.now)
        answer = await self.line.internal("PATCH", f"plans/{plan}/", change | WHO)
        if not answer.get("lost"):
            self.world.witness.prices.know(plan, self.world.now)
