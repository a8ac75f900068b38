"""Purchases by many people while everything goes wrong at random: money in equals days granted, user by user.

`--rounds 200` makes them 1,000. `SEED=7 pytest tests/bad_days/test_thousand_purchases.py` runs another history, and a
failing one again: the seed decides who buys what, what goes wrong and how much time passes.
"""

import asyncio
import os
import random
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import enqueue_due
from billing_service.provider_calls.walking import enqueue_walk
from billing_service.sandbox.model.cards import CARDS
from billing_service.sandbox.model.objects import Payment
from billing_service.services import Services
from tests.bad_days.invariants import MISLAID, broken_rules
from tests.ledger import rows, value
from tests.stage import BackOffice, Clock, MainBackend
from tests.test_worker import until, working

PURCHASES_A_ROUND, PURCHASES_A_STEP, PURCHASES_A_USER = 5, 20, 5
DAYS = {"PRO_MONTHLY": 30, "PRO_YEARLY": 365}
HIDDEN_OUTCOMES: dict[str, dict[str, Any]] = {
    "lost_before": {},
    "lost_after": {},
    "drop": {},
    "error_500": {},
    "html_502": {},
}
OTHER_FAULTS: dict[str, dict[str, object]] = {
    "too_many": {},
    "slow": {"seconds": 0.02},
    "error_500": {"when": "after"},
}
LIES: dict[str, dict[str, float]] = {
    **{fault: {} for fault in ("lose", "double", "reorder", "early", "wrong_amount", "unknown_fields")},
    "delay": {"seconds": 90},
}
PAUSES = (20, 90, 300, 1800, 4000, 7200, 21 * 3600)
HABITS = {
    "replay": ("first", "current"),
    "meanwhile": ("wait", "error_500"),
    "decline_keeps_pending": (False, True),
    "unknown_payment": (404, 400),
}
NOTHING_TO_DO = """
SELECT count(*) = 0 FROM pgqueuer WHERE status = 'picked' OR (status = 'queued' AND execute_after <= now())
"""
OPEN = "SELECT count(*) FROM payments WHERE status IN ('PENDING', 'WAITING_FOR_CAPTURE')"


@dataclass
class BadDays:
    """Everybody who takes part, and the dice."""

    api: MainBackend
    office: BackOffice
    services: Services
    database: Database
    clock: Clock
    dice: random.Random
    answers: Counter[int] = field(default_factory=Counter)

    async def let_things_go_wrong(self) -> None:
        calls = [
            {"operation": operation, "fault": fault, "probability": self.dice.choice((0.3, 0.7, 1)), **how}
            for operation in ("create_payment", "get_payment", "list_payments")
            for fault, how in self.dice.sample([*HIDDEN_OUTCOMES.items(), *OTHER_FAULTS.items()], 2)
        ]
        lies = [
            {"operation": "notification", "fault": fault, "probability": 0.4, **how}
            for fault, how in self.dice.sample([*LIES.items()], 2)
        ]
        await self.office.call("PUT", "/faults", self.dice.sample(calls, 4) + lies)
        habits = {name: self.dice.choice(choices) for name, choices in HABITS.items()}
        await self.office.call("PUT", "/shop", habits)

    async def all_goes_well_again(self) -> None:
        await self.office.call("PUT", "/faults", [])

    async def somebody_buys(self, users: int) -> None:
        """One wish: with or without a key, in one tab or two, tried again or given up."""
        user, plan = self.dice.randint(1, users), self.dice.choice([*DAYS])
        key = {"Idempotency_Key": f"wish-{self.dice.getrandbits(64):x}"} if self.dice.random() < 0.5 else {}
        tabs = self.dice.choice((1, 1, 2))
        for _ in range(self.dice.randint(1, 3)):
            answers = await asyncio.gather(*(self._create(user, plan, key) for _ in range(tabs)))
            if all(answer.status_code != 503 for answer in answers):
                return

    async def _create(self, user: int, plan: str, key: Mapping[str, str]) -> httpx.Response:
        answer = await self.api.post("create-payment/", {"plan_code": plan}, user, **key)
        self.answers[answer.status_code] += 1
        assert answer.status_code in {201, 400, 429, 503}, answer.text
        return answer

    async def payers_act(self) -> None:
        """Of every link that can still be paid, some are: at once or much later, well or badly."""
        for payment in self.provider_payments():
            if payment.status == "pending" and self.dice.random() < 0.4:
                card = self.dice.choice([*CARDS])
                answer = await self.office.http.post(f"/payments/{payment.id}/pay", json={"card": card})
                assert answer.status_code in {200, 409}, answer.text
        await self.office.sandbox.delivered()

    async def pass_time(self, seconds: float) -> None:
        await self.clock.advance(seconds=seconds)
        await self.office.call("POST", "/clock", {"advance_seconds": seconds})
        while await enqueue_due(self.services, PAYMENTS):
            pass
        await enqueue_walk(self.services, PAYMENTS)
        await self.work()

    async def work(self) -> None:
        """Work off whatever can be worked off now; what failed last time is tried again once."""
        async with self.database.engine.begin() as connection:
            await connection.execute(
                text("UPDATE pgqueuer SET execute_after = now() WHERE status = 'queued'")
            )
        async with working(self.services):
            await until(self.database, NOTHING_TO_DO, True)

    async def until_nothing_is_open(self) -> None:
        """Time passes: a link lives for an hour; what may never have arrived is given up after two passes."""
        for hours in (0.02, 0.5, 1.1, 20, 2, 2, 13, 13, 13, 2):
            await self.pass_time(timedelta(hours=hours).total_seconds())

    def provider_payments(self) -> list[Payment]:
        return [record.payment for record in self.office.sandbox.yookassa.state.payments.values()]


@pytest.fixture
def seed() -> int:
    return int(os.environ.get("SEED", "1"))


@pytest.mark.slow
@pytest.mark.timeout(1200)
async def test_whatever_goes_wrong_money_in_equals_days_granted_user_by_user(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    clock: Clock,
    rounds: int,
    seed: int,
) -> None:
    purchases = rounds * PURCHASES_A_ROUND
    print(f"SEED={seed}, {purchases} purchases")  # noqa: T201 (shown when it fails)
    office.sandbox.yookassa.state.seed = seed
    office.sandbox.yookassa.reset()
    world = BadDays(api, office, services, database, clock, random.Random(seed))  # noqa: S311 (not a secret)

    for _ in range(purchases // PURCHASES_A_STEP):
        await world.let_things_go_wrong()
        for _ in range(PURCHASES_A_STEP):
            await world.somebody_buys(users=purchases // PURCHASES_A_USER)
        await world.payers_act()
        if world.dice.random() < 0.5:
            await world.all_goes_well_again()
        await world.pass_time(world.dice.choice(PAUSES))
    await world.all_goes_well_again()
    await world.until_nothing_is_open()

    assert world.answers[503] > 0  # things did go wrong
    assert await value(database, OPEN) == 0
    assert await _ours(database) == _theirs(world.provider_payments())
    assert await _unknown_to_us(database, world.provider_payments()) == []
    assert await rows(database, MISLAID) == []
    assert await broken_rules(database) == {}


Books = dict[int, tuple[Decimal, int]]
"""What each user paid, in roubles, and the days that are worth it."""


async def _ours(database: Database) -> Books:
    paid = await rows(
        database,
        """
        SELECT user_id, money, days FROM
            (SELECT user_id, sum(amount) AS money FROM payments WHERE status = 'SUCCEEDED' GROUP BY user_id) p
        FULL JOIN (
            SELECT user_id, extract(epoch FROM sum(upper(span) - lower(span))) / 86400 AS days
            FROM subscription_periods GROUP BY user_id
        ) s USING (user_id)
        """,
    )
    return {row["user_id"]: (row["money"], int(row["days"])) for row in paid}


def _theirs(payments: list[Payment]) -> Books:
    books: Books = {}
    for payment in payments:
        if payment.status == "succeeded":
            told: dict[str, Any] = payment.metadata or {}
            money, days = books.get(int(told["user_id"]), (Decimal(0), 0))
            paid = Decimal(payment.amount.value)
            books[int(told["user_id"])] = (money + paid, days + DAYS[told["plan_code"]])
    return books


async def _unknown_to_us(database: Database, payments: list[Payment]) -> list[str]:
    known = await rows(database, "SELECT yookassa_payment_id AS id FROM payments")
    return sorted({payment.id for payment in payments} - {row["id"] for row in known})
