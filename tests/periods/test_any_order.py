"""Whatever is bought, given, taken back and returned, in whatever order we hear of it: days are money, to a second."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import pytest
from hypothesis import settings as effort
from hypothesis import strategies as drawn
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from billing_service.kit.db import Database
from billing_service.payments.calls import PAYMENTS
from billing_service.provider_calls.asking import ask
from billing_service.provider_calls.kinds import settle
from billing_service.provider_calls.walking import walk_to_now
from billing_service.refunds.access import Access
from billing_service.refunds.calls import REFUNDS
from billing_service.services import Services
from billing_service.subscriptions.service import tell_ends
from billing_service.yookassa import schemas as yookassa
from tests.bad_days.invariants import broken_rules
from tests.events.test_rebuilding import Receiver
from tests.events.told import publish
from tests.ledger import rows
from tests.periods.model import Configured, Days, Line, Model, Return, Sale, Span
from tests.periods.slow_clock import SlowClock
from tests.stage import BackOffice, Clock, MainBackend, work_off
from tests.stories.silence import LOSE_EVERY_NOTIFICATION

T = TypeVar("T")
Json = dict[str, Any]

# Of one thing; what happens to it is what we are here for.
AT_MOST = 4
NEARLY = timedelta(seconds=0.5)
TICK = timedelta(seconds=7)
# A card takes nothing back after 15 months.
RETURNABLE_FOR = timedelta(days=400)
SPANS = "SELECT lower(span) AS begins, upper(span) AS ends FROM subscription_periods WHERE user_id = :user ORDER BY id"
RETURNED = """
    SELECT p.yookassa_payment_id AS id, coalesce(sum(r.amount), 0.00) AS returned
    FROM payments p LEFT JOIN refunds r ON r.payment_id = p.id AND r.status = 'SUCCEEDED'
    WHERE p.user_id = ANY (:users) GROUP BY p.id
"""
# Two purchases at once are drawn on purpose.
ALARMS = "SELECT kind FROM alarms WHERE kind <> 'double_purchase'"
STATED = {"author": "owner", "reason": "so it was agreed"}

ways = drawn.sampled_from(["told", "asked", None])
people = drawn.sampled_from([0, 0, 0, 1])
plans = drawn.sampled_from(["PRO_MONTHLY", "PRO_MONTHLY", "PRO_YEARLY"])
accesses = drawn.sampled_from([None, None, None, "keep", "cut_prorata", "cut_prorata", "cut_all"])
# None: all that is left.
parts = drawn.sampled_from([None, None, None, "0.01", "99.99", "100.00", "199.00", "299.00"])
# The latest first, as small numbers are drawn more often.
places = drawn.integers(0, 5)
spells = drawn.sampled_from([timedelta(hours=1), *(timedelta(days=days) for days in (1, 10, 29, 45))])
examples = count(1)


@dataclass
class Town:
    """The real service and the sandbox in the loop of the test; the machine's rules run in a thread beside it."""

    api: MainBackend
    office: BackOffice
    services: Services
    database: Database
    clock: SlowClock
    loop: asyncio.AbstractEventLoop

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result(60)


@dataclass
class Gift:
    grant_id: str
    days: Days


@dataclass
class Kept:
    """An answer of then, which has been on its way since."""

    sale: Sale
    seen: yookassa.Payment
    returns: list[Return]


@dataclass
class Feed:
    """The main backend: it knows nothing but what it was told."""

    town: Town
    receiver: Receiver = field(default_factory=Receiver)
    after: int = 0

    async def read(self) -> None:
        await publish(self.town.services)
        while page := await self._page():
            for event in page:
                self.receiver.hear(event)
            self.after = page[-1]["feed_no"]

    async def _page(self) -> list[Json]:
        answer = await self.town.api.internal("GET", f"events?limit=500&after={self.after}")
        events: list[Json] = answer.json()["results"]
        return events


class AnyOrder(RuleBasedStateMachine):
    """Two users, fresh in every example, and a provider of which nothing is heard unless a rule says so."""

    town: ClassVar[Town]
    configured: ClassVar[Configured]
    # An example that has just failed has nothing more to say.
    is_sound = False

    @initialize(plan=plans, way=ways)
    def begin(self, plan: str, way: str | None) -> None:
        example = next(examples)
        self.users = [2 * example, 2 * example + 1]
        self.sales: list[Sale] = []
        self.gifts: list[Gift] = []
        self.kept: list[Kept] = []
        self.wishes: list[tuple[Sale, Json, str]] = []
        self.steps, self.feed = 0, Feed(self.town)
        now = self.town.run(self.town.clock.now())
        self.model = Model(self.configured, {user: Line(now) for user in self.users})
        self.broken_before = self.town.run(broken_rules(self.town.database))
        self.buy(0, plan, way)

    def step(self, by: timedelta = TICK) -> None:
        """A moment later."""
        self.is_sound = False
        self.steps += 1
        self.model.pass_time(self.town.run(self.town.clock.advance(by)))

    @precondition(lambda self: len(self.sales) < AT_MOST)
    @rule(who=people, plan=plans, way=ways)
    def buy(self, who: int, plan: str, way: str | None) -> None:
        self.step()
        made = self.town.run(self._bought(self.users[who], plan))
        at = self.model.lines[self.users[who]].now
        self.sales.append(Sale(self.users[who], plan, made["payment_id"], made["yookassa_payment_id"], at))
        if way:
            self.hear(self.sales[-1], way)

    async def _bought(self, user: int, plan: str) -> Json:
        made = await self.town.api.buy(plan, user, Idempotency_Key=f"wish-{self.steps}")
        await self.town.office.pay(made)
        return made

    @precondition(lambda self: any(sale.bought is None for sale in self.sales))
    @rule(place=places, way=drawn.sampled_from(["told", "asked"]))
    def hear_of_a_payment(self, place: int, way: str) -> None:
        self.step()
        self.hear(self.one_of(self.sales, place), way)

    def hear(self, sale: Sale, way: str) -> None:
        """What is final here is not asked about again: what went back of it has notifications of its own."""
        if way == "told":
            self.town.run(self._told("payment.succeeded", id=sale.object_id))
        else:
            self.town.run(ask(self.town.services, PAYMENTS, UUID(sale.payment_id)))
        if sale.bought is None:
            self.model.hear_of_payment(sale, sale.returns)
        if way == "told":
            self.jobs_have_run()

    async def _told(self, event: str, **ids: str) -> None:
        """What a notification says counts for nothing; it makes us look."""
        object_ = {"status": "succeeded"} | ids
        answer = await self.town.api.notify({"type": "notification", "event": event, "object": object_})
        assert answer.status_code == 200
        await work_off(self.town.services)

    @precondition(lambda self: len(self.kept) < AT_MOST)
    @rule(place=places)
    def be_answered_but_keep_it_for_later(self, place: int) -> None:
        sale = self.one_of(self.sales, place)
        seen = self.town.run(self.town.services.yookassa.get_payment(sale.object_id))
        self.kept.append(Kept(sale, seen, list(sale.returns)))

    @precondition(lambda self: self.kept)
    @rule(place=places)
    def hear_an_answer_of_then(self, place: int) -> None:
        self.step()
        kept = self.kept.pop(place % len(self.kept))
        self.town.run(settle(self.town.services, PAYMENTS, UUID(kept.sale.payment_id), kept.seen))
        self.model.hear_of_payment(kept.sale, kept.returns)

    @precondition(lambda self: any(sale.returns for sale in self.sales))
    @rule(place=places, which=places, way=drawn.sampled_from(["told", "answered"]))
    def hear_of_a_return(self, place: int, which: int, way: str) -> None:
        self.step()
        sale = self.one_of([sale for sale in self.sales if sale.returns], place)
        self.hear_of(sale, self.one_of(sale.returns, which), way)

    def hear_of(self, sale: Sale, one: Return, way: str) -> None:
        if way == "told":
            self.town.run(self._told("refund.succeeded", id=one.id, payment_id=sale.object_id))
            if sale.bought is None:
                self.model.hear_of_payment(sale, sale.returns)
            self.model.hear_of_return(sale, one)
            self.jobs_have_run()
        else:
            self.town.run(self._answered(one))
            self.model.hear_of_return(sale, one)

    async def _answered(self, one: Return) -> None:
        """As the walk meets it, and before any job runs that follows from it."""
        seen = await self.town.services.yookassa.get_refund(one.id)
        async with self.town.services.statements.transaction() as tx:
            refund_id = await REFUNDS.find(tx, seen, None)
        assert refund_id is not None
        await settle(self.town.services, REFUNDS, refund_id, seen)

    @precondition(lambda self: any(sale.known() < sale.returned() for sale in self.sales))
    @rule()
    def walk_the_list_of_returns(self) -> None:
        self.step()
        self.walk()

    def walk(self) -> None:
        self.town.run(self._walked())
        for sale in self.sales:
            for one in sale.returns:
                if sale.bought is None:
                    self.model.hear_of_payment(sale, sale.returns)
                self.model.hear_of_return(sale, one)
        self.jobs_have_run()

    async def _walked(self) -> None:
        assert await walk_to_now(self.town.services, REFUNDS, asyncio.Event())
        await work_off(self.town.services)

    @precondition(lambda self: any(sale.known() > sale.applied() for sale in self.sales))
    @rule()
    def let_jobs_run(self) -> None:
        self.step()
        self.run_jobs()

    def run_jobs(self) -> None:
        self.town.run(work_off(self.town.services))
        self.jobs_have_run()

    def jobs_have_run(self) -> None:
        """Each refund that waits for its payment has a job that asks about it."""
        for sale in self.sales:
            if sale.bought is None and sale.known():
                self.model.hear_of_payment(sale, sale.returns)

    @precondition(lambda self: self.returnable())
    @rule(place=places, part=parts, access=accesses)
    def be_sent_back(self, place: int, part: str | None, access: str | None) -> None:
        """By an operator, who may wish for too much."""
        self.step()
        sale = self.one_of(self.returnable(), place)
        amount = None if part is None else Decimal(part)
        refusal = self.model.refusal(sale, amount, access)
        wish = STATED | ({"amount": part} if part else {}) | ({"access": access} if access else {})
        shown = self.wished(sale, wish, f"refund-{self.steps}")
        assert shown.get("error", {}).get("code") == refusal
        if refusal is None:
            sent = sale.price - sale.known() if amount is None else amount
            sale.returns.append(Return(self.town.run(self._object_of(shown)), sent, access))
            self.model.hear_of_return(sale, sale.returns[-1])
            self.wishes.append((sale, wish, f"refund-{self.steps}"))

    def wished(self, sale: Sale, wish: Json, key: str) -> Json:
        path = f"payments/{sale.payment_id}/refunds"
        answer = self.town.run(self.town.api.internal("POST", path, wish, Idempotency_Key=key))
        shown: Json = answer.json()
        return shown

    async def _object_of(self, shown: Json) -> str:
        assert shown["status"] == "succeeded"
        statement = "SELECT yookassa_refund_id FROM refunds WHERE id = $1"
        row = await self.town.services.statements.fetch_one(statement, UUID(shown["refund_id"]))
        return str(row["yookassa_refund_id"])

    @precondition(lambda self: self.wishes)
    @rule(place=places)
    def be_asked_again_to_send_back(self, place: int) -> None:
        self.step()
        assert self.wished(*self.one_of(self.wishes, place))["status"] == "succeeded"

    @precondition(lambda self: self.returnable())
    @rule(place=places, part=parts, is_told=drawn.booleans())
    def be_sent_back_in_the_cabinet(self, place: int, part: str | None, is_told: bool) -> None:
        self.step()
        sale = self.one_of(self.returnable(), place)
        left = sale.price - sale.returned()
        amount = left if part is None else min(Decimal(part), left)
        made = self.town.run(self.town.office.refund({"yookassa_payment_id": sale.object_id}, str(amount)))
        sale.returns.append(Return(made["id"], amount, None))
        if is_told:
            self.hear_of(sale, sale.returns[-1], "told")

    def returnable(self) -> list[Sale]:
        now = self.model.lines[self.users[0]].now
        return [
            one for one in self.sales if now - one.made_at < RETURNABLE_FOR and one.returned() < one.price
        ]

    @precondition(lambda self: len(self.gifts) < AT_MOST)
    @rule(who=people, plan=plans, days=drawn.sampled_from([1, 3, 40]))
    def be_given_days(self, who: int, plan: str, days: int) -> None:
        self.step()
        wish = STATED | {"plan_code": plan, "days": days}
        key = f"gift-{self.steps}"
        given = [self.town.run(self._given(self.users[who], wish, key)) for _ in range(2)]
        assert given[0] == given[1]
        line = self.model.lines[self.users[who]]
        self.gifts.append(Gift(given[0], line.add(Days(plan, timedelta(days=days)))))

    async def _given(self, user: int, wish: Json, key: str) -> str:
        answer = await self.town.api.internal("POST", f"users/{user}/grants/", wish, Idempotency_Key=key)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["grant_id"])

    @precondition(lambda self: self.gifts)
    @rule(place=places)
    def have_a_gift_taken_back(self, place: int) -> None:
        """Or once more."""
        self.step()
        gift = self.one_of(self.gifts, place)
        answer = self.town.run(self.town.api.internal("POST", f"grants/{gift.grant_id}/revoke/", STATED))
        assert answer.status_code == 200, answer.text
        gift.days.take(gift.days.left)

    @precondition(lambda self: any(line.ends() > line.now for line in self.model.lines.values()))
    @rule(spell=spells)
    def wait(self, spell: timedelta) -> None:
        """No job waits for so long."""
        self.run_jobs()
        self.step(spell)

    @precondition(lambda self: any(line.ends() > line.now + 2 * TICK for line in self.model.lines.values()))
    @rule(who=people, off=drawn.sampled_from([timedelta(seconds=-3), timedelta(seconds=3)]))
    def wait_for_the_end_of_a_period(self, who: int, off: timedelta) -> None:
        self.run_jobs()
        line = self.model.lines[self.users[who]]
        ends = [span.ends for span in line.spans() if span and span.ends > line.now + 2 * TICK]
        if ends:
            self.step(ends[0] + off - line.now)
            self.town.run(tell_ends(self.town.services))

    @invariant()
    def days_are_money(self) -> None:
        self.town.run(self.compare())
        self.is_sound = True

    async def compare(self) -> None:
        await self.feed.read()
        for user, line in self.model.lines.items():
            await self.compare_spans(user, line)
            await self.compare_what_is_shown(user, line)
        returned = await self.returned()
        assert returned == {sale.object_id: sale.known() for sale in self.sales}
        assert await broken_rules(self.town.database) == self.broken_before

    async def compare_spans(self, user: int, line: Line) -> None:
        ours = await rows(self.town.database, SPANS, user=user)
        model = list(line.spans())
        assert len(ours) == len(model)
        for one, span in zip(ours, model, strict=True):
            assert _is_nearly(one, span), (ours, model)

    async def compare_what_is_shown(self, user: int, line: Line) -> None:
        """To the payer, and to a main backend that knows the feed only."""
        me = await self.town.api.me(user)
        now = await self.town.clock.now()
        assert me["plan_code"] == line.plan() == self.feed.receiver.plan(user, now)
        if line.plan() != "FREE":
            told = datetime.fromisoformat(self.feed.receiver.states[user]["access_until"])
            assert abs(datetime.fromisoformat(me["expires_at"]) - line.ends()) < NEARLY
            assert abs(told - line.ends()) < NEARLY

    async def returned(self) -> dict[str, Decimal]:
        found = await rows(self.town.database, RETURNED, users=self.users)
        return {one["id"]: one["returned"] for one in found}

    def teardown(self) -> None:
        """Once everything is heard of, our refunds add up to what the provider says, and nothing was odd."""
        if not self.is_sound:
            return
        self.step()
        self.walk()
        for sale in self.sales:
            self.hear(sale, "told")
        self.town.run(self.compare())
        self.town.run(self.compare_with_the_provider())

    async def compare_with_the_provider(self) -> None:
        theirs = await self.town.office.refunded()
        assert await self.returned() == {one.object_id: Decimal(theirs[one.object_id]) for one in self.sales}
        assert await rows(self.town.database, ALARMS) == []

    def one_of(self, things: list[T], place: int) -> T:
        return things[-1 - place % len(things)]


def _is_nearly(ours: Json, model: Span | None) -> bool:
    if model is None:
        return bool(ours["begins"] is None)
    if ours["begins"] is None:
        return model.ends - model.begins < NEARLY
    return bool(abs(ours["begins"] - model.begins) < NEARLY and abs(ours["ends"] - model.ends) < NEARLY)


@pytest.fixture(
    params=[
        Configured(full="cut_all", partial="keep"),
        Configured(full="cut_all", partial="cut_prorata"),
    ],
    ids=lambda one: f"full {one.full}, partial {one.partial}",
)
def configured(request: pytest.FixtureRequest) -> Configured:
    chosen: Configured = request.param
    return chosen


@pytest.fixture
async def services(services: Services, configured: Configured) -> Services:
    update = {
        "refund_access_full": Access(configured.full),
        "refund_access_partial": Access(configured.partial),
    }
    return replace(services, settings=services.settings.model_copy(update=update))


@pytest.mark.slow
async def test_in_whatever_order_we_hear_of_it_days_are_money(
    api: MainBackend,
    office: BackOffice,
    services: Services,
    database: Database,
    clock: Clock,
    configured: Configured,
    rounds: int,
) -> None:
    bounds = effort(
        max_examples=max(rounds // 4, 1), stateful_step_count=12 + rounds // 10, deadline=None, database=None
    )
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    async with SlowClock.slowing(clock, office) as slow:
        town = Town(api, office, services, database, slow, asyncio.get_running_loop())
        machine = type("AnyOrder", (AnyOrder,), {"town": town, "configured": configured})
        await asyncio.to_thread(run_state_machine_as_test, machine, settings=bounds)
