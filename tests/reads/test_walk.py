"""A walk over subscribers skips nobody who has access all the time, whatever happens to everybody else meanwhile."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import jsonschema_rs
import pytest

from billing_service.kit.db import Database
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from tests.ledger import rows
from tests.reads.history import Happening, Writer
from tests.reads.slowly import Books
from tests.reads.test_figures import read
from tests.shown import PAGE, SCHEMAS
from tests.stage import MainBackend

Json = dict[str, Any]
A_DAY = 24 * 60


async def pages(
    api: MainBackend, query: str, *, limit: int, between: Callable[[], Awaitable[None]]
) -> list[Json]:
    """All pages of one walk; `between` two of them something happens."""
    found: list[Json] = []
    after: int | None = 0
    while after is not None:
        shown = await read(api, f"subscribers/?after={after}&limit={limit}{query}")
        jsonschema_rs.validate({**SCHEMAS["SubscriberListOut"], "components": PAGE["components"]}, shown)
        found += shown["results"]
        after = shown["next_cursor"]
        await between()
    return found


async def nothing() -> None:
    pass


async def history_of(services: Services, database: Database, *happenings: Happening) -> Books:
    (now,) = await rows(database, "SELECT billing_now() AS at")
    await Writer(services, now["at"], shop_is_test=False).write(list(happenings))
    return await Books.read(database, shop_is_test=False)


def bought(user: int, days_ago: int, plan: str = "PRO_MONTHLY", what: str = "paid") -> Happening:
    return Happening(user, days_ago * A_DAY + user, what, plan, 29900, False, seed=4)


class Crowd:
    """Is given days, of any plan, and loses them again unless it `keeps` them; some appear for the first time."""

    def __init__(
        self, services: Services, users: Sequence[int], dice: random.Random, *, keeps: bool = False
    ) -> None:
        self.services, self.users, self.dice, self.keeps = services, users, dice, keeps

    async def stir(self) -> None:
        for _ in range(2):
            await self.befall(self.dice.choice(self.users))

    async def befall(self, user: int) -> None:
        async with self.services.statements.transaction() as tx:
            await subscriptions.lock(tx, user)
            period = await subscriptions.grant_period(
                tx,
                user_id=user,
                plan_code=self.dice.choice(["PRO_MONTHLY", "PRO_YEARLY"]),
                days=self.dice.choice([1, 30]),
                author="support",
                reason="сбой",
            )
            if not self.keeps and self.dice.random() < 0.5:
                await subscriptions.cut_period(tx, user_id=user, period_id=period)


@pytest.mark.slow
async def test_nobody_who_has_access_all_the_time_is_skipped(
    api: MainBackend, services: Services, database: Database, rounds: int
) -> None:
    """The steadfast stand among a crowd that comes and goes between any two pages and while they are read; some of
    them are prolonged meanwhile."""
    steadfast = list(range(3, 60, 4))
    await history_of(services, database, *(bought(user, user % 29) for user in steadfast))
    for number in range(max(rounds // 8, 1)):
        dice = random.Random(number)  # noqa: S311 (no secret)
        crowd = Crowd(services, [user for user in range(1, 64) if user not in steadfast], dice)
        prolonged = Crowd(services, steadfast, dice, keeps=True)
        stirring = asyncio.create_task(for_ever(crowd, prolonged))

        found = await pages(api, "", limit=4 + number % 5, between=crowd.stir)
        stirring.cancel()
        await asyncio.wait({stirring})

        ids = [one["user_id"] for one in found]
        assert ids == sorted(set(ids))
        assert set(steadfast) <= set(ids)
        assert all(one["has_access"] and one["plan"] != "FREE" for one in found)


async def for_ever(*crowds: Crowd) -> None:
    while True:
        for crowd in crowds:
            await crowd.stir()


async def test_each_subscriber_is_shown_with_what_his_plan_allows(
    api: MainBackend, services: Services, database: Database
) -> None:
    books = await history_of(
        services,
        database,
        *(bought(1, 3), bought(2, 3, "PRO_YEARLY"), bought(3, 3, what="grant"), bought(4, 3, what="import")),
        *(bought(5, 40), bought(6, 0, "TEST_LIVE")),
        bought(7, 3, what="canceled"),
    )

    found = {one["user_id"]: one for one in await pages(api, "", limit=3, between=nothing)}

    assert {user: (one["plan"], one["cause"]) for user, one in found.items()} == {
        1: ("PRO_MONTHLY", "payment"),
        2: ("PRO_YEARLY", "payment"),
        3: ("PRO_MONTHLY", "grant"),
        4: ("PRO_MONTHLY", "import"),
    }
    for user, one in found.items():
        assert datetime.fromisoformat(one["access_until"]) == books.ends(user)
        assert (one["history_days"], one["daily_photo_limit"]) == (180, None)
    of_a_year = await pages(api, "&plan=PRO_YEARLY", limit=1, between=nothing)
    assert [one["user_id"] for one in of_a_year] == [2]


async def test_a_page_that_is_not_full_is_not_the_last_one(
    api: MainBackend, services: Services, database: Database
) -> None:
    plans = {user: "PRO_YEARLY" if user % 3 else "PRO_MONTHLY" for user in range(1, 10)}
    await history_of(services, database, *(bought(user, 3, plan) for user, plan in plans.items()))

    of_a_month = await pages(api, "&plan=PRO_MONTHLY", limit=2, between=nothing)

    assert [one["user_id"] for one in of_a_month] == [3, 6, 9]


async def test_whose_access_has_ended_is_shown_on_free_for_whoever_asks(
    api: MainBackend, services: Services, database: Database
) -> None:
    await history_of(
        services, database, bought(1, 3), bought(2, 31), bought(3, 60), bought(4, 0, what="canceled")
    )
    since = datetime.fromisoformat((await read(api, "stats/subscribers/"))["as_of"]) - timedelta(days=10)
    query = f"&ended_since={since:%Y-%m-%dT%H:%M:%SZ}"

    found = {one["user_id"]: one for one in await pages(api, query, limit=1, between=nothing)}
    only_ended = await pages(api, f"{query}&plan=FREE", limit=1, between=nothing)

    assert {user: one["has_access"] for user, one in found.items()} == {1: True, 2: False}
    ended = found[2]
    assert (ended["plan"], ended["cause"], ended["history_days"]) == ("FREE", None, 7)
    assert since < datetime.fromisoformat(ended["access_until"]) <= datetime.fromisoformat(ended["as_of"])
    assert [one["user_id"] for one in only_ended] == [2]


async def test_an_instant_without_its_offset_is_refused(api: MainBackend) -> None:
    answer = await api.internal("GET", "subscribers/?ended_since=2026-11-26T09:00:00")

    assert answer.status_code == 422
    assert "ended_since" in answer.json()["error"]["details"]["fields"]


@pytest.mark.parametrize(("limit", "status"), [(0, 422), (1, 200), (500, 200), (501, 422)])
async def test_a_page_has_one_to_five_hundred_users(api: MainBackend, limit: int, status: int) -> None:
    assert (await api.internal("GET", f"subscribers/?limit={limit}")).status_code == status
