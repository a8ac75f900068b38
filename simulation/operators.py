"""People of the shop: days given, money sent back, charging stopped; and what they do in the provider's cabinet."""

import asyncio
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from random import Random
from typing import Any

from billing_service.kit.http import httpx
from simulation.batches import Batches
from simulation.gifts import Gift
from simulation.line import Line
from simulation.prices import WANTED
from simulation.receiver import note_told
from simulation.world import World

WHO = {"author": "support: desk 2", "reason": "so it was agreed"}


@dataclass
class Operators:
    world: World
    dice: Random
    line: Line
    office: httpx.AsyncClient
    grants: list[Gift] = field(default_factory=list)
    number: int = 0

    def __post_init__(self) -> None:
        self.batches = Batches(self.world, self.dice, self.line)

    async def live(self) -> None:
        while True:
            await asyncio.sleep(self.dice.expovariate(1 / (1.1 * 86400)))
            if self.world.now > self.world.ends:
                return
            deeds = {
                self._grant: 2,
                self._revoke: 1,
                self.batches.give: 1,
                self.batches.take_back: 0.4,
                self._refund: 3,
                self._refund_in_cabinet: 2,
                self._stop_charging: 0.5,
                self._tell_late: 2,
                self._let_a_card_fail: 1.5,
            }
            await self.dice.choices(list(deeds), list(deeds.values()))[0]()

    def _key(self) -> str:
        self.number += 1
        return f"desk-{self.number}"

    async def _grant(self) -> None:
        user, key = self.dice.choice(self.world.numbers.present()), self._key()
        plan, days = self.dice.choice(list(WANTED)), self.dice.randint(1, 10)
        gift = self.world.witness.gifts.order(plan, days, [user])
        body = WHO | {"plan_code": plan, "days": days}
        answer = await self.line.internal("POST", f"users/{user}/grants/", body, key=key)
        if "grant_id" in answer:
            gift.is_sure, gift.grants = True, [answer["grant_id"]]
            self.grants.append(gift)
            self.world.witness.note("grants days")

    async def _revoke(self) -> None:
        if self.grants:
            gift = self.grants.pop(self.dice.randrange(len(self.grants)))
            answer = await self.line.internal("POST", f"grants/{gift.grants[0]}/revoke/", WHO)
            if not answer.get("lost"):
                gift.taken_at = self.world.now
                self.world.witness.note("revokes a grant")

    def _a_payment(self) -> Any:  # noqa: ANN401 (the sandbox's own record)
        """One of the last ones that were paid."""
        records = self.world.sandbox.yookassa.state.payments.values()
        paid = [record.payment for record in records if record.payment.status == "succeeded"]
        return self.dice.choice(paid[-25:]) if paid else None

    async def _refund(self) -> None:
        payment = self._a_payment()
        ours = (payment.metadata or {}).get("billing_payment_id") if payment else None
        if ours is None:
            return
        body: dict[str, Any] = dict(WHO)
        if self.dice.random() < 0.5:
            part = (payment.amount.value * self.dice.randint(1, 9) / 10).quantize(Decimal("0.01"))
            body |= {"amount": str(part)}
            if self.dice.random() < 0.6:
                body |= {"access": self.dice.choice(("keep", "cut_prorata"))}
        path, key = f"payments/{ours}/refunds/", self._key()
        orders = [self.line.internal("POST", path, body, key=key)]
        if self.dice.random() < 0.3:
            # Two tabs, two orders.
            orders.append(self.line.internal("POST", path, body, key=self._key()))
        for answer in await asyncio.gather(*orders):
            if "refund_id" in answer:
                self.world.witness.note("refunds")

    async def _refund_in_cabinet(self) -> None:
        payment = self._a_payment()
        if payment is None:
            return
        body = {}
        if self.dice.random() < 0.5:
            part = (payment.amount.value * self.dice.randint(1, 6) / 10).quantize(Decimal("0.01"))
            body = {"amount": {"value": str(part), "currency": "RUB"}}
        answer = await self.office.post(f"/payments/{payment.id}/refund", json=body)
        if answer.status_code == 200:
            self.world.witness.note("refunds in the cabinet")

    async def _stop_charging(self) -> None:
        """Now; or right before a charge of which a payer was told."""
        soon = [told.charge_at for told in self.world.witness.told if told.charge_at > self.world.now]
        if soon and self.dice.random() < 0.7:
            await self.world.until(min(soon) - timedelta(seconds=self.dice.uniform(0, 1800)))
        answer = await self.line.internal("PUT", "charging/", {"charging": False} | WHO)
        if answer.get("charging") is not False:
            return
        self.world.witness.note("stops charging")
        began = self.world.now
        self.world.witness.stopped.append((began, None))
        await asyncio.sleep(self.dice.uniform(3600, 1.5 * 86400))
        self.world.witness.stopped[-1] = (began, self.world.now)
        await self.line.internal("PUT", "charging/", {"charging": True} | WHO)

    async def _tell_late(self) -> None:
        """The main backend reports later that the payer was told."""
        if self.world.receiver.untold:
            event = self.world.receiver.untold.pop(0)
            said = {"channel": "email", "at": self.world.now.isoformat()}
            note_told(self.world, event)
            await self.line.internal("POST", f"notices/{event['data']['notice_id']}/delivered/", said)

    async def _let_a_card_fail(self) -> None:
        """What happens at a bank: no money, a card that ended, a permission taken back; and mended later, perhaps."""
        methods = list(self.world.sandbox.yookassa.state.methods)
        if not methods:
            return
        method = self.dice.choice(methods)
        reason = self.dice.choice(
            ("insufficient_funds", "insufficient_funds", "issuer_unavailable", "permission_revoked")
        )
        await self.office.patch(f"/payment_methods/{method}", json={"decline_reason": reason})
        self.world.witness.note(f"a card fails: {reason}")
        await asyncio.sleep(timedelta(days=self.dice.uniform(1, 4)).total_seconds())
        if self.dice.random() < 0.7:
            await self.office.patch(f"/payment_methods/{method}", json={"decline_reason": None})
