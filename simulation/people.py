"""People who use the app: they buy, double-click, leave, come back, refuse, ask for their money, photograph meals."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from billing_service.kit.http import httpx
from simulation import erasing
from simulation.accesses import plans_at
from simulation.agreements import Agreement
from simulation.forging import forge_success
from simulation.line import Line
from simulation.photographs import Photographs
from simulation.prices import WANTED
from simulation.witness import Refused
from simulation.world import BEGIN, World

DOCUMENT = {"document_version": "2027-01"}
GOOD_CARDS = ("5555555555554444", "4111111111111111", "2202474301322987")
BAD_CARDS = ("5555555555554600", "5555555555554543", "5555555555554535", "5555555555554501")
# When people take their phones into their hands: hours of UTC, so that a day has few of them.
HOURS = (6, 17)
# How many leave the page of what they wanted to buy: many more of those who have a plan and looked at another one.
LEAVES, LEAVES_ANOTHER_PLAN, REFUSES_BEFORE_ERASURE = 0.15, 0.5, 0.4


@dataclass
class Person:
    """One user."""

    world: World
    user: int
    dice: Random
    line: Line
    office: httpx.AsyncClient
    keenness: float
    bought: list[str] = field(default_factory=list)
    number: int = 0
    has_pro: bool = False
    # He is somebody else by now, who lives on.
    is_over: bool = False

    def __post_init__(self) -> None:
        self.name = self.user
        self._take_a_new_device()
        self.photographs = Photographs(self.world, self.user, self.dice, self.line, self.key)

    async def live(self) -> None:
        for day in range(self.world.days):
            if self.dice.random() >= self.keenness:
                continue
            hour = self.dice.choice(HOURS)
            at = BEGIN.replace(hour=hour) + timedelta(days=day, seconds=self.dice.uniform(0, 900))
            await self.world.until(at)
            if self.is_over:
                return
            await self._session()

    def become(self, number: int, who: "Person") -> None:
        """He is known under this number from now on; whoever else was goes on as `who`."""
        self.user = self.line.user = self.photographs.user = number
        if who is not self and not self.is_over:
            self.is_over = True
            who.bought += self.bought
            who.photographs.take_over(self.photographs)

    async def _session(self) -> None:
        shown = await self._see_access()
        self.has_pro = shown.get("plan_code") != "FREE"
        deeds = {
            self.photographs.take_some: 3.0,
            self._buy: 0.4 if self.has_pro else 2.5,
            self._look_around: 0.4,
            self._think_again: 0.4,
            self._refuse: 0.1,
            self._bind: 0.25,
            self._ask_for_money: 0.16,
            self._withdraw: 0.06,
            self._have_himself_erased: 0.02,
        }
        for deed in self.dice.choices(list(deeds), list(deeds.values()), k=self.dice.randint(1, 2)):
            await deed()

    async def _see_access(self) -> dict[str, Any]:
        """What the app shows is what the periods say, before or after."""
        user = self.user
        plans = plans_at(self.world, user)
        shown = await self.line.ask("GET", "me/")
        plans |= plans_at(self.world, user)
        if (plan := shown.get("plan_code")) is not None and plan not in plans:
            self.world.witness.find(f"user {user} is told he has {plan}, and it is {sorted(plans)}")
        return shown

    def key(self) -> str:
        self.number += 1
        return f"{self.name}-{self.number}"

    async def _buy(self) -> None:
        self.world.witness.note("buys")
        plan = self._a_plan()
        body: dict[str, Any] = {"plan_code": plan}
        if self.dice.random() < 0.75:
            body |= {"save_payment_method": True}
            if self.dice.random() < 0.9:
                body |= {"consent": DOCUMENT}
        key = self.key() if self.dice.random() < 0.7 else None
        clicks = 2 if self.dice.random() < 0.25 else 1
        if clicks == 2:
            self.world.witness.note("double click")
        began = self.world.now
        answers = await asyncio.gather(
            *(self.line.ask("POST", "create-payment/", body, key=key) for _ in range(clicks))
        )
        opened = [answer["yookassa_payment_id"] for answer in answers if "payment_id" in answer]
        if "consent" in body:
            for page in opened:
                is_sure = all(answer.get("method_will_be_saved") for answer in answers)
                self._agree(plan, began, page, is_sure=is_sure)
        for payment_id in dict.fromkeys(opened):
            await self._meet_checkout(payment_id)
        self.bought += [answer["payment_id"] for answer in answers[:1] if "payment_id" in answer]
        if "consent" in body and self.dice.random() < 0.8:
            await asyncio.sleep(60)
            await self._switch(on=True)

    async def _meet_checkout(self, yookassa_id: str) -> None:
        """Pay, fail, or leave; sometimes long after the page was opened."""
        await asyncio.sleep(self.dice.choice((2, 20, 200)))
        if self.dice.random() < (LEAVES_ANOTHER_PLAN if self.has_pro else LEAVES):
            self.world.witness.note("leaves")
            await forge_success(self.world, self.dice, yookassa_id)
            return
        throw = self.dice.random()
        if throw < 0.12:
            self.world.witness.note("pays late")
            await asyncio.sleep(self.dice.uniform(600, 3500))
        card = self.dice.choice(BAD_CARDS if throw > 0.88 else GOOD_CARDS)
        paid = await self._at_provider(f"/payments/{yookassa_id}/pay", {"card": card})
        if paid is not None:
            self.world.witness.note("pays" if paid["status"] != "canceled" else "card declined")
            self._own(paid.get("payment_method") or {})
        if self.bought and self.dice.random() < 0.5:
            await self.line.ask("GET", f"payments/{self.bought[-1]}/")

    def _own(self, method: Mapping[str, Any]) -> None:
        if "id" in method:
            self.world.witness.owners.setdefault(method["id"], (self.user, self.world.now))

    async def _at_provider(self, path: str, body: object) -> dict[str, Any] | None:
        """None if it is too late for that there."""
        answer = await self.office.post(path, json=body)
        return dict(answer.json()) if answer.status_code == 200 else None

    async def _look_around(self) -> None:
        for path in ("subscription/", "payments/", "payment-method/"):
            await self.line.ask("GET", path)

    async def _think_again(self) -> None:
        await self._switch(on=self.dice.random() < 0.75)

    async def _switch(self, *, on: bool) -> None:
        answer = await self.line.ask("POST", "subscription/autorenew/", {"enabled": on})
        if answer.get("autorenew_enabled") is on:
            self.world.witness.note(f"autorenew {'on' if on else 'off'}")

    async def _refuse(self) -> None:
        answer = await self.line.ask("DELETE", "payment-method/")
        if "refused_at" in answer:
            charge = answer["charge_in_flight"]
            in_flight = charge["payment_id"] if charge else None
            self._no_more(in_flight)
            self.world.witness.note("refuses the card")

    def _take_a_new_device(self) -> None:
        self.line.device = f"the phone of {self.key()}."

    async def _have_himself_erased(self) -> None:
        """Nothing of his is charged any more, and nothing says who he was; he may come back as if never seen."""
        if self.dice.random() < REFUSES_BEFORE_ERASURE:
            await self._refuse()
        user, device = self.user, self.line.device or ""
        asked = {"author": "support: desk 5", "reason": f"his wish {self.key()}"}
        answer = await self.line.internal("DELETE", f"users/{user}/", asked)
        if "erased_at" not in answer:
            return
        charge, witness, control = answer["charge_in_flight"], self.world.witness, self.world.control
        self._no_more(charge["payment_id"] if charge else None)
        witness.note("has himself erased")
        for table in erasing.traces(control, device):
            witness.find(f"user {user} was erased, and {table} still says that he used {device}")
        for what in erasing.chargeable(control, self.world.numbers.all_of(user)):
            witness.find(f"user {user} was erased, and has {what}")
        self._take_a_new_device()

    def _no_more(self, in_flight: str | None) -> None:
        """Nothing that he has saved is ever charged again, and what he has agreed to is over."""
        his, witness = self.world.numbers.all_of(self.user), self.world.witness
        witness.refused.append(Refused(self.user, self.world.now, in_flight, witness.methods_of(his)))
        witness.agreements.end(his, self.world.now)

    def _a_plan(self) -> str:
        return self.dice.choices(list(WANTED), list(WANTED.values()))[0]

    def _agree(self, plan: str | None, began: datetime, page: str | None = None, *, is_sure: bool) -> None:
        given = Agreement(self.user, plan, began, self.world.now, page, is_sure)
        self.world.witness.agreements.add(given)

    async def _agree_to(self, plan: str) -> None:
        """By itself, with nothing to pay."""
        began = self.world.now
        answer = await self.line.ask("POST", "consents/", DOCUMENT | {"plan_code": plan})
        if "refused" not in answer:
            self._agree(plan, began, is_sure="consent_id" in answer)
            self.world.witness.note("agrees")

    async def _bind(self) -> None:
        began = self.world.now
        answer = await self.line.ask("POST", "bind-card/start/", {"consent": DOCUMENT}, key=self.key())
        if url := answer.get("confirmation_url"):
            method = url.rsplit("/", 1)[-1]
            if self.dice.random() < 0.8:
                bound = await self._at_provider(
                    f"/payment_methods/{method}/confirm", {"card": self.dice.choice(GOOD_CARDS)}
                )
                if bound is not None:
                    self._own(bound)
                    self.world.witness.note("binds a card")
                    self._agree(None, began, is_sure=False)
                    await asyncio.sleep(30)
                    await self._agree_to(self._a_plan())
                    await self.line.ask("POST", "subscription/autorenew/", {"enabled": True})

    async def _ask_for_money(self) -> None:
        if self.bought:
            path = f"payments/{self.dice.choice(self.bought)}/refund-request/"
            answer = await self.line.ask("POST", path, {"reason": f"передумал: {self.line.device}"})
            if "case_number" in answer or "request" in answer:
                self.world.witness.note("asks for his money")

    async def _withdraw(self) -> None:
        listed = await self.line.ask("GET", "consents/")
        with suppress(IndexError, KeyError):
            consent = listed["results"][0]["consent_id"]
            await self.line.ask("DELETE", f"consents/{consent}/")
            self.world.witness.agreements.doubt(self.world.numbers.all_of(self.user))
            self.world.witness.note("withdraws his consent")
