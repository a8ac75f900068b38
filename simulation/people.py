"""People who use the app: they buy, double-click, leave, come back, refuse, ask for their money, photograph meals."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from billing_service.kit.http import httpx
from simulation.line import Line
from simulation.witness import Refused
from simulation.world import BEGIN, World

MOSCOW = ZoneInfo("Europe/Moscow")
DOCUMENT = {"document_version": "2027-01"}
GOOD_CARDS = ("5555555555554444", "4111111111111111", "2202474301322987")
BAD_CARDS = ("5555555555554600", "5555555555554543", "5555555555554535", "5555555555554501")
# When people take their phones into their hands: hours of UTC, so that a day has few of them.
HOURS = (6, 17)
TTL = 300


@dataclass
class Person:
    """One user. `photos`: what he knows to be counted of each day of Moscow; `unsure`: days of which he lost an answer
    for good."""

    world: World
    user: int
    dice: Random
    line: Line
    office: httpx.AsyncClient
    keenness: float
    photos: dict[str, int] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    bought: list[str] = field(default_factory=list)
    number: int = 0

    async def live(self) -> None:
        for day in range(self.world.days):
            if self.dice.random() >= self.keenness:
                continue
            hour = self.dice.choice(HOURS)
            at = BEGIN.replace(hour=hour) + timedelta(days=day, seconds=self.dice.uniform(0, 900))
            await self.world.until(at)
            await self._session()

    async def _session(self) -> None:
        shown = await self.line.ask("GET", "me/")
        deeds = {
            self._photograph: 4.0,
            self._buy: 2.5 if shown.get("plan_code") == "FREE" else 0.25,
            self._look_around: 0.4,
            self._think_again: 0.4,
            self._refuse: 0.1,
            self._bind: 0.25,
            self._ask_for_money: 0.16,
            self._withdraw: 0.06,
        }
        for deed in self.dice.choices(list(deeds), list(deeds.values()), k=self.dice.randint(1, 2)):
            await deed()

    def key(self) -> str:
        self.number += 1
        return f"{self.user}-{self.number}"

    async def _buy(self) -> None:
        self.world.witness.note("buys")
        body: dict[str, Any] = {"plan_code": self.dice.choices(("PRO_MONTHLY", "PRO_YEARLY"), (6, 1))[0]}
        if self.dice.random() < 0.75:
            body |= {"save_payment_method": True}
            if self.dice.random() < 0.9:
                body |= {"consent": DOCUMENT}
        key = self.key() if self.dice.random() < 0.7 else None
        clicks = 2 if self.dice.random() < 0.25 else 1
        if clicks == 2:
            self.world.witness.note("double click")
        answers = await asyncio.gather(
            *(self.line.ask("POST", "create-payment/", body, key=key) for _ in range(clicks))
        )
        for payment_id in dict.fromkeys(
            answer["yookassa_payment_id"] for answer in answers if "payment_id" in answer
        ):
            await self._meet_checkout(payment_id)
        self.bought += [answer["payment_id"] for answer in answers[:1] if "payment_id" in answer]
        if "consent" in body and self.dice.random() < 0.8:
            await asyncio.sleep(60)
            await self._switch(on=True)

    async def _meet_checkout(self, yookassa_id: str) -> None:
        """Pay, fail, or leave; sometimes long after the page was opened."""
        await asyncio.sleep(self.dice.choice((2, 20, 200)))
        throw = self.dice.random()
        if throw < 0.15:
            self.world.witness.note("leaves")
            return
        if throw < 0.25:
            self.world.witness.note("pays late")
            await asyncio.sleep(self.dice.uniform(600, 3500))
        card = self.dice.choice(BAD_CARDS if throw > 0.88 else GOOD_CARDS)
        paid = await self._at_provider(f"/payments/{yookassa_id}/pay", {"card": card})
        if paid is not None:
            self.world.witness.note("pays" if paid["status"] != "canceled" else "card declined")
            method = paid.get("payment_method") or {}
            self._own(method)
        if self.bought and self.dice.random() < 0.5:
            await self.line.ask("GET", f"payments/{self.bought[-1]}/")

    def _own(self, method: Mapping[str, Any]) -> None:
        if "id" in method:
            self.world.witness.owners.setdefault(method["id"], (self.user, self.world.now))

    async def _at_provider(self, path: str, body: object) -> dict[str, Any] | None:
        """None if it is too late for that there."""
        answer = await self.office.post(path, json=body)
        shown: dict[str, Any] | None = answer.json() if answer.status_code == 200 else None
        return shown

    async def _photograph(self) -> None:
        for _ in range(self.dice.randint(1, 4)):
            if self.dice.random() < 0.4:
                await self._consume()
            else:
                await self._analyse()
        await self._compare_usage()

    def _today(self) -> str:
        return f"{self.world.now.astimezone(MOSCOW):%Y-%m-%d}"

    async def _consume(self) -> None:
        day = self._today()
        answer = await self.line.internal(
            "POST", f"users/{self.user}/usage/consume/", {"amount": 1, "operation_id": f"photo-{self.key()}"}
        )
        if answer.get("allowed"):
            self._count(day)
            self._watch_limit(answer)
        self._doubt(answer, day)

    async def _analyse(self) -> None:
        """Reserve a place, let the analysis run, and say how it ended; now and then nobody does."""
        day, operation = self._today(), f"photo-{self.key()}"
        asked = {"operation_id": operation, "amount": 1, "ttl_seconds": TTL}
        answer = await self.line.internal("POST", f"users/{self.user}/usage/reserve/", asked)
        self._doubt(answer, day)
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
        self._doubt(ended, day)
        self.world.witness.note(f"analysis: {how}")
        if how == "commit" and ended.get("allowed"):
            self._count(day)

    def _count(self, day: str) -> None:
        self.photos[day] = self.photos.get(day, 0) + 1
        self.world.witness.note("photo counted")

    def _doubt(self, answer: Mapping[str, Any], day: str) -> None:
        if answer.get("lost"):
            self.unsure.add(day)

    def _watch_limit(self, answer: Mapping[str, Any]) -> None:
        """Who is let through under a limit of 3 has at most 3 counted or under way, also by his own count."""
        day, limit = self._today(), answer.get("daily_limit")
        if limit is None or day in self.unsure:
            return
        mine = self.photos.get(day, 0)
        if max(mine, answer["used_today"]) + answer["held"] > limit:
            self.world.witness.find(f"user {self.user} was let through above {limit}: {dict(answer)}")

    async def _compare_usage(self) -> None:
        """A failed analysis costs nothing, one that succeeded costs one."""
        day = self._today()
        answer = await self.line.internal("GET", f"users/{self.user}/usage/")
        if day in self.unsure or "used_today" not in answer or day != self._today():
            return
        if answer["used_today"] != self.photos.get(day, 0):
            self.world.witness.find(
                f"user {self.user} used {self.photos.get(day, 0)} photos on {day}, "
                f"and {answer['used_today']} are counted"
            )

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
            self.world.witness.refused.append(Refused(self.user, self.world.now, in_flight))
            self.world.witness.note("refuses the card")

    async def _bind(self) -> None:
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
                    await asyncio.sleep(30)
                    await self.line.ask("POST", "consents/", DOCUMENT | {"plan_code": "PRO_MONTHLY"})
                    await self.line.ask("POST", "subscription/autorenew/", {"enabled": True})

    async def _ask_for_money(self) -> None:
        if self.bought:
            path = f"payments/{self.dice.choice(self.bought)}/refund-request/"
            answer = await self.line.ask("POST", path, {"reason": "передумал"})
            if "case_number" in answer or "request" in answer:
                self.world.witness.note("asks for his money")

    async def _withdraw(self) -> None:
        listed = await self.line.ask("GET", "consents/")
        with suppress(IndexError, KeyError):
            consent = listed["results"][0]["consent_id"]
            await self.line.ask("DELETE", f"consents/{consent}/")
            self.world.witness.note("withdraws his consent")
