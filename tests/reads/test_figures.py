"""Every figure equals the slow and obvious computation over the same rows, whatever happened to whom."""

import asyncio
from collections import Counter
from collections.abc import Callable, Coroutine
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as drawn

from billing_service.config import DEV_TOKEN
from billing_service.kit.db import Database
from billing_service.services import Services
from billing_service.stats.days import Days, Step, cut
from tests.ledger import rows
from tests.reads.history import Happening, Writer, histories
from tests.reads.slowly import MONTHLY, YEARLY, Books, day_of
from tests.shown import OPERATIONS, calling
from tests.stage import USER, BackOffice, MainBackend, work_off

Check = Callable[[Books], Coroutine[Any, Any, None]]
METRICS = ("revenue", "refunds", "new", "renewed", "returned", "lost", "declines", "limit_hits")


WRITTEN = (
    "refunds",
    "payments",
    "subscription_periods",
    "access_changes",
    "consents",
    "outbox_events",
    "subscriptions",
)


async def emptied(database: Database) -> None:
    """Quicker than to empty every table, many times in one test."""
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table in WRITTEN:
            await connection.exec_driver_sql(f"DELETE FROM {table}")  # noqa: S608


async def prove(services: Services, rounds: int, check: Check) -> None:
    """Write any history down, in the live shop or a test shop, and check what is read of it."""
    loop = asyncio.get_running_loop()

    async def written(history: list[Happening], shop_is_test: bool) -> None:
        await emptied(services.db)
        (now,) = await rows(services.db, "SELECT billing_now() AS at")
        await Writer(services, now["at"], shop_is_test).write(history)
        await check(await Books.read(services.db, shop_is_test=shop_is_test))

    # A history that fails is short enough to be read as it is; to make it shorter would take minutes.
    @settings(max_examples=rounds, deadline=None, database=None, phases=[Phase.generate])
    @given(histories, drawn.booleans())
    def proof(history: list[Happening], shop_is_test: bool) -> None:
        asyncio.run_coroutine_threadsafe(written(history, shop_is_test), loop).result(60)

    await asyncio.to_thread(proof)


async def read(api: MainBackend, path: str) -> dict[str, Any]:
    answer = await api.internal("GET", path)
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.json()
    return shown


@pytest.mark.slow
async def test_figures_are_those_of_the_rows(api: MainBackend, services: Services, rounds: int) -> None:
    async def check(books: Books) -> None:
        await check_subscribers(api, books)
        await check_revenue(api, books)
        for number, metric in enumerate(METRICS):
            await check_series(api, books, metric, ("day", "week", "month")[number % 3])

    await prove(services, rounds, check)


async def check_subscribers(api: MainBackend, books: Books) -> None:
    shown = await read(api, "stats/subscribers/")
    now = datetime.fromisoformat(shown["as_of"])
    running = [period for user in books.users() if (period := books.running(user, now))]
    causes = Counter(period["cause"] for period in running)

    assert shown["paid_total"] == len(running)
    assert shown["free"] == len(books.users()) - len(running)
    assert shown["by_plan"] == dict(Counter(period["plan_code"] for period in running))
    assert shown["monthly"] == sum(period["plan_code"] in MONTHLY for period in running)
    assert shown["yearly"] == sum(period["plan_code"] in YEARLY for period in running)
    assert list(shown["by_cause"].values()) == [causes[name] for name in ("payment", "grant", "import")]
    assert shown["grace"] == 0


async def check_revenue(api: MainBackend, books: Books) -> None:
    ever = await read(api, "stats/revenue/")
    today = date.fromisoformat(ever["to"])
    windows = {
        "total": (None, today),
        "mtd": (today.replace(day=1), today),
        "last_30d": (today - timedelta(days=29), today),
    }
    for name, window in windows.items():
        sums = books.money(*window, is_test=False).values()
        assert Decimal(ever[name]) == sum((paid - returned for paid, returned in sums), Decimal(0)), name
    await check_plans(
        api, books, f"stats/revenue/?from={today - timedelta(days=40)}&to={today}", is_test=False
    )
    await check_plans(api, books, f"stats/revenue/?to={today}&is_test=true", is_test=True)


async def check_plans(api: MainBackend, books: Books, path: str, *, is_test: bool) -> None:
    shown = await read(api, path)
    first = shown["from"] and date.fromisoformat(shown["from"])
    sums = books.money(first, date.fromisoformat(shown["to"]), is_test=is_test)

    assert {
        one["plan"]: [Decimal(one["gross"]), Decimal(one["refunded"])] for one in shown["by_plan"]
    } == sums
    assert Decimal(shown["total"]) == Decimal(shown["gross"]) - Decimal(shown["refunded"])
    for one in shown["by_plan"]:
        assert Decimal(one["total"]) == Decimal(one["gross"]) - Decimal(one["refunded"])


async def check_series(api: MainBackend, books: Books, metric: str, step: str) -> None:
    today = day_of(datetime.now(UTC))
    first = today - timedelta(days=75)
    shown = await read(api, f"stats/series/?metric={metric}&step={step}&from={first}&to={today}")
    now = datetime.fromisoformat(shown["as_of"])

    points = {date.fromisoformat(point["date"]): point["by"] for point in shown["points"]}
    assert points == books.series(metric, first, today, step, now)
    for point in shown["points"]:
        total = sum((Decimal(part) for part in point["by"].values()), Decimal(0))
        assert Decimal(point["value"]) == total


async def test_money_for_no_plan_counts_and_a_refund_counts_on_the_day_it_was_made(
    api: MainBackend, services: Services, database: Database
) -> None:
    (now,) = await rows(database, "SELECT billing_now() AS at")
    paid = Happening(1, 3 * 1440, "paid", "PRO_MONTHLY", 29900, False, seed=4)
    await Writer(services, now["at"], shop_is_test=False).write([paid])
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        await connection.exec_driver_sql("DELETE FROM refunds")
        await connection.exec_driver_sql("UPDATE payments SET plan_code = NULL, purpose = 'BINDING'")
        await connection.exec_driver_sql(
            """
            INSERT INTO refunds (id, payment_id, amount, currency, made_by, access, access_cut, applied_at, reason,
                status, shop_id, is_test, created_at, completed_at)
            SELECT id, id, 100, 'RUB', 'cabinet', 'keep', interval '0', billing_now(), '', 'SUCCEEDED', shop_id, false,
                billing_now() - interval '40 days', billing_now() FROM payments
            """
        )
    today = date.fromisoformat((await read(api, "stats/revenue/"))["to"])

    week = await read(api, f"stats/revenue/?from={today - timedelta(days=6)}&to={today}")

    [of_none] = week["by_plan"]
    assert (of_none["plan"], of_none["payments"], of_none["refunds"]) == (None, 1, 1)
    assert (week["gross"], week["refunded"], week["total"]) == ("299.00", "100.00", "199.00")


async def test_what_the_shop_did_not_take_in_time_was_not_declined(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    for user, reason in enumerate(("expired_on_capture", "insufficient_funds"), USER):
        await office.decline(await api.buy(user=user), reason)
    await work_off(services)

    points = (await read(api, "stats/series/?metric=declines&step=month&is_test=true"))["points"]

    assert [point["by"] for point in points if point["value"]] == [{"insufficient_funds": 1}]


async def test_a_change_that_is_to_come_is_not_counted_before(api: MainBackend) -> None:
    gift = {"plan_code": "PRO_MONTHLY", "days": 5, "author": "support", "reason": "сбой"}
    await api.internal("POST", "users/7/grants/", gift, Idempotency_Key="gift")
    today = date.fromisoformat((await read(api, "stats/revenue/"))["to"])

    counted = {}
    for metric in ("new", "lost"):
        shown = await read(
            api, f"stats/series/?metric={metric}&from={today}&to={today + timedelta(days=60)}&step=month"
        )
        counted[metric] = sum(point["value"] for point in shown["points"])

    assert counted == {"new": 1, "lost": 0}


@pytest.mark.slow
async def test_what_came_less_what_was_lost_is_who_is_there(
    api: MainBackend, services: Services, rounds: int
) -> None:
    async def check(_: Books) -> None:
        shown = await read(api, "stats/subscribers/")
        sums = {
            metric: sum(
                point["value"]
                for point in (await read(api, f"stats/series/?metric={metric}&step=month&from=2024-01-01"))[
                    "points"
                ]
            )
            for metric in ("new", "returned", "lost")
        }
        assert sums["new"] + sums["returned"] - sums["lost"] == shown["paid_total"]

    await prove(services, max(rounds // 4, 1), check)


async def test_changes_of_access_follow_the_shop_in_force(services: Services, database: Database) -> None:
    (now,) = await rows(database, "SELECT billing_now() AS at")
    history = [
        Happening(1, 60, "paid", "PRO_MONTHLY", 29900, True, 1),
        Happening(2, 60, "paid", "PRO_MONTHLY", 1, False, 1),
    ]
    await Writer(services, now["at"], shop_is_test=True).write(history)

    seen = {}
    for is_test in (False, True):
        async with services.statements.transaction() as tx:
            await tx.execute("UPDATE shop_in_force SET is_test = $1", is_test)
        seen[is_test] = {one["user_id"] for one in await rows(database, "SELECT user_id FROM access_changes")}

    assert seen == {False: {2}, True: {1, 2}}


@pytest.mark.parametrize("step", Step)
@given(
    first=drawn.dates(),
    length=drawn.integers(0, 500),
)
def test_steps_lie_end_to_end_and_hold_every_day_once(step: Step, first: date, length: int) -> None:
    last = first + timedelta(days=min(length, (date.max - first).days))
    steps = list(cut(Days(first, last), step))

    days = [one.first + timedelta(days=n) for one in steps for n in range((one.last - one.first).days + 1)]
    assert days == [first + timedelta(days=n) for n in range((last - first).days + 1)]
    for one in steps:
        alike = {
            "day": one.first == one.last,
            "week": one.first.isocalendar()[:2] == one.last.isocalendar()[:2],
        }
        assert alike.get(step, (one.first.year, one.first.month) == (one.last.year, one.last.month))


async def test_too_many_steps_are_refused(api: MainBackend) -> None:
    many = await api.internal("GET", "stats/series/?metric=new&from=0001-01-01&to=9999-12-31")
    most = await api.internal("GET", "stats/series/?metric=revenue&from=2025-01-01&to=2026-02-04")

    assert (many.status_code, many.json()["error"]["code"]) == (422, "VALIDATION_ERROR")
    assert len(most.json()["points"]) == 400


async def test_the_last_and_the_first_day_of_all_can_be_asked_for(api: MainBackend) -> None:
    for path in ("stats/revenue/?from=0001-01-01&to=9999-12-31", "stats/revenue/?to=0001-01-01"):
        assert (await read(api, path))["total"] == "0.00"
    for path in ("step=month&from=9999-01-01&to=9999-12-31", "to=0001-01-02"):
        assert (await read(api, f"stats/series/?metric=revenue&{path}"))["points"]


async def test_who_may_still_be_renewed_is_counted_as_in_grace(
    services: Services, database: Database
) -> None:
    """One who wishes it and whose PRO ended yesterday; not who does not, nor whose ended too long ago."""
    (now,) = await rows(database, "SELECT billing_now() AS at")
    ended = {1: 31, 2: 31, 3: 36}
    history = [
        Happening(user, days * 1440, "paid", "PRO_MONTHLY", 29900, False, 4) for user, days in ended.items()
    ]
    history += [Happening(user, 1, "autorenew", "PRO_MONTHLY", 1, False, 0) for user in (1, 3)]
    await Writer(services, now["at"], shop_is_test=False).write(history)

    counted = {}
    for renews in (True, False):
        async with calling(services, billing_recurring_enabled=renews) as http:
            answer = await OPERATIONS["count_subscribers"].execute(http, token=DEV_TOKEN)
            counted[renews] = (answer.json()["free"], answer.json()["grace"])

    assert counted == {True: (3, 1), False: (3, 0)}


async def test_days_behind_days_are_renewed_and_days_after_a_pause_return(
    services: Services, database: Database
) -> None:
    """Five days each: the second lie behind the first, the third come after a month."""
    (now,) = await rows(database, "SELECT billing_now() AS at")
    given = [Happening(1, ago * 1440, "grant", "PRO_MONTHLY", 1, False, seed=4) for ago in (60, 58, 20)]
    await Writer(services, now["at"], shop_is_test=False).write(given)

    noted = await rows(database, "SELECT change, at FROM access_changes ORDER BY at, change DESC")

    assert [(one["change"], round((now["at"] - one["at"]) / timedelta(days=1))) for one in noted] == [
        *(("new", 60), ("renewed", 55), ("lost", 50)),
        *(("returned", 20), ("lost", 15)),
    ]


@pytest.mark.parametrize(
    "name",
    [
        *("note_access_changes", "tell_of_new_period", "tell_of_moved_periods", "tell_of_payment"),
        "tell_of_refund",
    ],
)
async def test_what_follows_from_a_period_and_a_payment_is_not_planned_anew(
    database: Database, name: str
) -> None:
    """For the users at hand a plan is always a little cheaper than for any, and planning cost twice the statements."""
    (function,) = await rows(database, "SELECT proconfig FROM pg_proc WHERE proname = :name", name=name)

    assert function["proconfig"] == ["plan_cache_mode=force_generic_plan"]
