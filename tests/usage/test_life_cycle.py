"""Whatever is asked, in whatever order, is answered as the rules in plain Python say."""

import asyncio
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from itertools import count
from typing import ClassVar
from zoneinfo import ZoneInfo

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

from tests.usage.asking import BEFORE, IN_BETWEEN, Answer, Asking, Call
from tests.usage.model import FREE_LIMIT, PHOTOS, PLANS, Model
from tests.usage.standstill import Standstill

# An ordinary evening; the nights on which Berlin's clocks go on and back; the last second of a year in Moscow.
BEGINNINGS = [
    datetime(2026, 11, 21, 18, tzinfo=UTC),
    datetime(2027, 3, 27, 22, 30, tzinfo=UTC),
    datetime(2026, 10, 24, 21, 59, 59, tzinfo=UTC),
    datetime(2026, 12, 31, 20, 59, 59, tzinfo=UTC),
]
TICK = timedelta(microseconds=1)
DAYS = """(
    SELECT user_id, date, 'photo_ai' AS feature, photo_ai_requests AS used, holds FROM daily_usage
    UNION ALL SELECT user_id, date, feature, used, holds FROM daily_feature_usage
) d"""
COUNTED = f"SELECT user_id, date, feature, used FROM {DAYS} WHERE user_id = ANY ($1) AND used <> 0"  # noqa: S608
REMEMBERED = """
SELECT operation_id, user_id, date, feature, photos, coalesce(counted, 0), state FROM usage_operations
    WHERE user_id = ANY ($1)
"""
HELD_THIS_WEEK = f"""
SELECT user_id, date, feature, jsonb_object_keys(holds) AS name FROM {DAYS}
    WHERE user_id = ANY ($1) AND date > billing_now() - interval '7 days'
"""  # noqa: S608 (our own constant)
SET_LIMITS = """
UPDATE subscription_plans SET daily_limits = jsonb_build_object('personal_plan', $2::integer) WHERE code = $1
"""
SHOWS_FIGURES = {"allowed", "AMOUNT_ABOVE_LIMIT", "LIMIT_HELD", "DAILY_LIMIT_REACHED", "OPERATION_EXPIRED"}

# Drawn often: what collides with what came before.
people = drawn.sampled_from([0, 0, 0, 1])
features = drawn.sampled_from([PHOTOS, PHOTOS, PLANS])
amounts = drawn.sampled_from([1, 1, 1, 2, 3, 4])
names = drawn.sampled_from("abcd")
places = drawn.integers(0, 11)
lifetimes = drawn.sampled_from([1, 60, 60, 3600])
rest = drawn.tuples(names, drawn.none() | lifetimes)
spells = drawn.sampled_from([1, 61, 61, 300, 300, 3601, 3601, 86_400, 7 * 86_400, 401 * 86_400])
examples = count(1)

Rest = tuple[str, int | None]


class LifeCycle(RuleBasedStateMachine):
    """Two users and four operation ids, fresh in every example. The time stands still between the steps."""

    asking: ClassVar[Asking]
    zone: ClassVar[ZoneInfo]
    last: Call | None = None

    @initialize(beginning=drawn.sampled_from(BEGINNINGS))
    def begin(self, beginning: datetime) -> None:
        self.example = next(examples)
        self.users = [2 * self.example, 2 * self.example + 1]
        self.model = Model(self.zone, beginning)
        self.set_clock(beginning)
        for plan, limits in self.model.limits.items():
            self.change_limit(plan, limits[PLANS])

    @rule(who=people, amount=amounts, name=drawn.none() | names, feature=features)
    def consume(self, who: int, amount: int, name: str | None, feature: str) -> None:
        self.ask("consume", self.users[who], amount, name and self.own(name), feature)

    @rule(who=people, amount=amounts, name=names, seconds=lifetimes, feature=features)
    def reserve(self, who: int, amount: int, name: str, seconds: int, feature: str) -> None:
        self.ask("reserve", self.users[who], amount, self.own(name), timedelta(seconds=seconds), feature)

    @rule(who=people, amount=amounts, name=names, somebody=drawn.none() | rest, feature=features)
    def reserve_and_be_too_slow(
        self, who: int, amount: int, name: str, somebody: Rest | None, feature: str
    ) -> None:
        self.reserve(who, amount, name, 1, feature)
        self.wait(1)
        if somebody:
            self.use_the_rest(who, somebody, feature)

    @rule(who=people, somebody=rest, feature=features)
    def use_the_rest(self, who: int, somebody: Rest, feature: str) -> None:
        """All that is left of the day is counted at once, or held for some seconds."""
        figures = self.model.figures(self.users[who], feature)
        room = (100 if figures.limit is None else figures.limit) - figures.used - figures.held
        name, seconds = somebody
        if room > 0:
            self.reserve(who, room, name, seconds, feature) if seconds else self.consume(
                who, room, name, feature
            )

    @precondition(lambda self: self.model.operations)
    @rule(place=places, amount=drawn.none() | amounts)
    def commit(self, place: int, amount: int | None) -> None:
        """All that is held, or less, or more."""
        self.ask("commit", self.one_of_the_known(place), amount)

    @precondition(lambda self: self.model.operations)
    @rule(place=places, seconds=lifetimes)
    def extend(self, place: int, seconds: int) -> None:
        self.ask("extend", self.one_of_the_known(place), timedelta(seconds=seconds))

    @rule(plan=drawn.sampled_from(["FREE", "PRO_MONTHLY"]), most=drawn.sampled_from([0, 1, 2, 4, None]))
    def change_limit(self, plan: str, most: int | None) -> None:
        self.model.limits[plan][PLANS] = most
        self.asking.run(self.asking.still.hand.execute(SET_LIMITS, plan, most))

    @precondition(lambda self: self.model.operations)
    @rule(place=places)
    def release(self, place: int) -> None:
        self.ask("release", self.one_of_the_known(place))

    @precondition(lambda self: self.model.used(self.users[0], self.model.today) >= FREE_LIMIT)
    @rule(feature=features)
    def reset(self, feature: str) -> None:
        self.ask("reset", self.users[0], feature)

    @precondition(lambda self: self.last)
    @rule()
    def repeat(self) -> None:
        assert self.last
        self.ask(self.last.deed, *self.last.asked)

    @rule(
        deed=drawn.sampled_from(["consume", "reserve", "commit", "extend", "release"]),
        who=people,
        name=names,
        place=places,
        where=drawn.sampled_from([BEFORE, IN_BETWEEN]),
    )
    def be_killed_while_asking(self, deed: str, who: int, name: str, place: int, where: str) -> None:
        """The call is lost and nothing of it is left, or it was answered in the ordinary way."""
        asked = {
            "consume": (self.users[who], 1, self.own(name), PHOTOS),
            "reserve": (self.users[who], 1, self.own(name), timedelta(seconds=60), PLANS),
            "extend": (self.one_of_the_known(place), timedelta(seconds=60)),
        }
        call = Call(deed, asked.get(deed, (self.one_of_the_known(place),)))
        if (shown := self.asking.ask_and_be_killed(call, where)) is not None:
            assert shown == self.expected(call)

    @rule()
    def lose_every_connection(self) -> None:
        self.asking.lose_every_connection()

    @rule()
    def clean_up(self) -> None:
        self.asking.clean_up()
        self.model.clean_up()

    @rule(seconds=spells)
    def wait(self, seconds: int) -> None:
        self.set_clock(self.model.now + timedelta(seconds=seconds))

    @rule(data=drawn.data(), off=drawn.sampled_from([-TICK, timedelta(), TICK]))
    def wait_for_an_end(self, data: drawn.DataObject, off: timedelta) -> None:
        """Of a hold, of the day or of a plan: the instant itself and its two neighbours."""
        end = data.draw(drawn.sampled_from(sorted(self.model.ends())))
        self.set_clock(max(end + off, self.model.now))

    @rule(who=people, days=drawn.sampled_from([1, 30]))
    def buy_pro_or_end_it(self, who: int, days: int) -> None:
        user, now = self.users[who], self.model.now
        if self.model.is_pro(user):
            self.model.pro[user] = (self.model.pro[user][0], now)
            self.asking.run(self.asking.still.end_pro(user, now))
        else:
            self.model.pro[user] = (now, now + timedelta(days=days))
            self.asking.run(self.asking.still.give_pro(user, now, days))

    @invariant()
    def the_tables_say_the_same(self) -> None:
        counted, remembered = self.asking.run(self.tables())
        assert counted == {key: photos for key, photos in self.model.counted.items() if photos}
        assert remembered == {
            name: (one.user, one.day, one.feature, one.amount, one.counted, one.state)
            for name, one in self.model.operations.items()
        }

    @invariant()
    def what_stands_on_a_day_is_an_operation_held_on_that_day(self) -> None:
        held = {
            (one.user, one.day, one.feature, name)
            for name, one in self.model.operations.items()
            if one.state == "held"
        }
        standing = self.asking.run(self.asking.still.hand.fetch(HELD_THIS_WEEK, self.users))
        assert {tuple(one) for one in standing} <= held

    @invariant()
    def everybody_is_shown_the_same(self) -> None:
        for user in self.users:
            for feature in (PHOTOS, PLANS):
                figures, listed = self.asking.run(self.asking.explain(user, feature))
                assert figures == self.model.figures(user, feature)
                assert Counter(listed) == Counter(self.model.explanation(user, feature))

    @invariant()
    def what_explains_a_day_adds_up_to_what_is_used(self) -> None:
        """The model's, which the service's was just compared with: nothing is left that is not listed."""
        for user in self.users:
            for feature in (PHOTOS, PLANS):
                explained = sum(one.counts for one in self.model.explanation(user, feature))
                assert explained == self.model.used(user, self.model.today, feature)

    def own(self, name: str) -> str:
        return f"{self.example}-{name}"

    def one_of_the_known(self, place: int) -> str:
        """The held ones first, as small numbers are drawn more often; once in a while one that nobody reserved."""
        held = sorted(name for name, one in self.model.operations.items() if one.state == "held")
        known = [*held, *sorted(self.model.operations.keys() - held)]
        return known[place % len(known)] if known and place < 11 else self.own("nobody")

    def set_clock(self, at: datetime) -> None:
        self.model.now = at
        self.asking.run(self.asking.still.set(at))

    def ask(self, deed: str, *asked: object) -> None:
        self.last = Call(deed, asked)
        assert self.asking.ask(self.last) == self.expected(self.last)

    def expected(self, call: Call) -> Answer:
        code: str = getattr(self.model, call.deed)(*call.asked)
        if code not in SHOWS_FIGURES:
            return Answer(code)
        subject = call.asked[0]
        if isinstance(subject, int):
            user, feature, day, but = subject, call.asked[-1], self.model.today, None
        else:
            one = self.model.operations[subject]
            user, feature, day, but = one.user, one.feature, one.day, subject
        retry_after = self.model.retry_after(user, feature, day, but) if code == "LIMIT_HELD" else None
        return Answer(code, self.model.figures(user, feature), retry_after)

    async def tables(self) -> tuple[dict[tuple[int, date, str], int], dict[str, tuple[object, ...]]]:
        counted = await self.asking.still.hand.fetch(COUNTED, self.users)
        remembered = await self.asking.still.hand.fetch(REMEMBERED, self.users)
        return (
            {(user, day, feature): used for user, day, feature, used in counted},
            {name: tuple(facts) for name, *facts in remembered},
        )


@pytest.mark.slow
@pytest.mark.parametrize("zone", ["Europe/Moscow", "Europe/Berlin"])
async def test_every_life_of_an_operation_is_the_one_the_rules_tell(
    still: Standstill, zone: str, rounds: int
) -> None:
    bounds = effort(max_examples=rounds, stateful_step_count=50, deadline=None, database=None)

    def prove() -> None:
        with Asking.of(still.settings, zone) as asking:
            machine = type("LifeCycle", (LifeCycle,), {"asking": asking, "zone": ZoneInfo(zone)})
            run_state_machine_as_test(machine, settings=bounds)

    await asyncio.to_thread(prove)
