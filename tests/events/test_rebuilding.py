"""From an empty receiver the feed alone tells how every user stands: a long random story, read again at every turn."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from billing_service.kit.db import Database
from billing_service.operations.retention import forget_old
from billing_service.services import Services
from billing_service.subscriptions.service import tell_ends
from tests.events.told import publish
from tests.ledger import value
from tests.scratch import execute
from tests.stage import BackOffice, Clock, MainBackend
from tests.stories.silence import LOSE_EVERY_NOTIFICATION, pass_time, walk_to_the_end

USERS = (1001, 1002, 1003)
MOSCOW = ZoneInfo("Europe/Moscow")
Json = dict[str, Any]


@dataclass
class Receiver:
    """Knows nothing but events, in whatever order and however often they come: the highest number of a user wins."""

    states: dict[int, Json] = field(default_factory=dict)
    numbers: dict[int, int] = field(default_factory=dict)

    def hear(self, event: Json) -> None:
        user = event["user_id"]
        if "state" in event and event["user_seq"] > self.numbers.get(user, 0):
            self.states[user], self.numbers[user] = event["state"], event["user_seq"]

    def plan(self, user: int, now: datetime) -> str:
        spans = self.states.get(user, {"spans": []})["spans"]
        at = (
            span
            for span in spans
            if datetime.fromisoformat(span["begins"]) <= now < datetime.fromisoformat(span["ends"])
        )
        return next((span["plan"] for span in at), "FREE")

    def subscription(self, user: int, now: datetime) -> Json:
        """What our page would show of him."""
        told = self.states.get(user, {}).get("access_until")
        until = datetime.fromisoformat(told) if told else None
        if until is None or until + timedelta(days=30) < now:
            return {"plan": "free", "expires_at": None, "is_active": True}
        day = until.astimezone(MOSCOW).date().isoformat()
        return {"plan": "pro", "expires_at": day, "is_active": until > now}


@dataclass
class Story:
    api: MainBackend
    office: BackOffice
    services: Services
    clock: Clock
    database: Database
    dice: random.Random
    paid: list[Json] = field(default_factory=list)
    given: list[str] = field(default_factory=list)
    step: int = 0

    async def go_on(self) -> None:
        """One thing happens, by one of its ways."""
        self.step += 1
        deeds = [
            self.buy,
            self.buy,
            self.be_declined,
            self.give,
            self.take_back,
            self.refund,
            self.refund_there,
        ]
        deeds += [self.wait, self.wait, self.switch]
        await self.dice.choice(deeds)()
        if self.dice.random() < 0.5:
            await tell_ends(self.services)

    async def buy(self) -> None:
        user, plan = self.dice.choice(USERS), self.dice.choice(["PRO_MONTHLY", "PRO_YEARLY"])
        if self.dice.random() < 0.3:
            await self.office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
        payment = await self.api.buy(plan, user, Idempotency_Key=f"wish-{self.step}")
        await self.office.pay(payment)
        await self.office.call("PUT", "/faults", [])
        await self.pass_by(minutes=self.dice.choice([1, 5]))
        self.paid.append(payment)

    async def be_declined(self) -> None:
        user = self.dice.choice(USERS)
        payment = await self.api.buy("PRO_MONTHLY", user, Idempotency_Key=f"wish-{self.step}")
        await self.office.decline(payment, "insufficient_funds")
        await self.pass_by(minutes=1)

    async def give(self) -> None:
        gift = {
            "plan_code": "PRO_MONTHLY",
            "days": self.dice.randint(1, 40),
            "author": "support",
            "reason": "сбой",
        }
        path = f"/internal/v1/users/{self.dice.choice(USERS)}/grants/"
        headers = {"Idempotency-Key": f"gift-{self.step}"}
        self.given.append((await self.api.http.post(path, json=gift, headers=headers)).json()["grant_id"])

    async def take_back(self) -> None:
        if self.given:
            told = {"author": "owner", "reason": "по ошибке"}
            await self.api.internal("POST", f"grants/{self.dice.choice(self.given)}/revoke/", told)

    async def refund(self) -> None:
        if self.paid:
            access = self.dice.choice(["keep", "cut_prorata"])
            amount = self.dice.choice(["50.00", "100.00"])
            await self.api.refund(self.dice.choice(self.paid), amount, access=access)

    async def refund_there(self) -> None:
        if self.paid:
            payment = self.paid.pop(self.dice.randrange(len(self.paid)))
            await self.office.http.post(f"/payments/{payment['yookassa_payment_id']}/refund", json={})
            await self.office.sandbox.delivered()
            await self.pass_by(minutes=1)

    async def switch(self) -> None:
        sql = (
            f"UPDATE subscriptions SET auto_renew = NOT auto_renew WHERE user_id = {self.dice.choice(USERS)}"  # noqa: S608
        )
        await execute(self.services.settings.database_url, sql)

    async def wait(self) -> None:
        await self.pass_by(hours=self.dice.choice([1, 24, 24 * 20, 24 * 45]))

    async def pass_by(self, **by: float) -> None:
        await pass_time(self.clock, self.office, self.services, **by)

    async def read_from_the_beginning(self) -> Receiver:
        await publish(self.services)
        events: list[Json] = []
        while page := (await self.api.internal("GET", f"events?limit=500&after={_last(events)}")).json()[
            "results"
        ]:
            events += page
        receiver, again = Receiver(), [*events, *self.dice.sample(events, len(events) // 2)]
        self.dice.shuffle(again)
        for event in again:
            receiver.hear(event)
        return receiver

    async def assert_told(self, turn: str) -> None:
        receiver = await self.read_from_the_beginning()
        for user in USERS:
            now = await value(self.database, "SELECT billing_now()")
            shown = (await self.api.get("subscription/", user)).json()
            known = receiver.subscription(user, now)
            assert known == {name: shown[name] for name in known}, (turn, user)
            assert receiver.plan(user, now) == (await self.api.me(user))["plan_code"], (turn, user)
            renews = await value(
                self.database,
                f"SELECT coalesce(bool_or(auto_renew), false) FROM subscriptions WHERE user_id = {user}",  # noqa: S608
            )
            assert receiver.states.get(user, {}).get("auto_renew", False) == renews, (turn, user)


def _last(events: list[Json]) -> int:
    return events[-1]["feed_no"] if events else 0


@pytest.mark.parametrize("seed", [1])
async def test_the_feed_alone_tells_how_everybody_stands(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock, database: Database, seed: int
) -> None:
    story = Story(api, office, services, clock, database, random.Random(seed))  # noqa: S311
    for _ in range(8):
        for _ in range(3):
            await story.go_on()
        await story.assert_told(f"seed {seed}, step {story.step}")
    await walk_to_the_end(services)
    await story.assert_told(f"seed {seed}, walked")

    await clock.advance(days=500)
    await tell_ends(services)
    forgotten = await forget_old(services, asyncio.Event())
    await story.assert_told(f"seed {seed}, forgotten")

    assert forgotten["outbox_events"] > 0
    assert await value(database, "SELECT count(*) FROM outbox_events WHERE kind = 'subscription.ended'") > 0
