"""A user becomes another number, or two become one: all of it or nothing, and no day is lost or doubled."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.operations import daily_audit
from billing_service.receipts import shop
from billing_service.schema.tables import metadata
from billing_service.services import Services
from billing_service.user_moves.queries import PERIODS, STATEMENTS, STAYS
from tests.bad_days.invariants import broken_rules
from tests.command import command
from tests.ledger import rows, value
from tests.payment_methods.cards import keep_a_card, order, refuse, shown
from tests.renewals.actors import Renewals
from tests.stage import BackOffice, Clock, MainBackend, noon, work_off
from tests.usage.locking import HeldUp
from tests.user_moves.moving import (
    NEW,
    OLD,
    THIRD,
    ahead,
    cuts,
    give,
    move,
    moved,
    spans,
    state,
    unused,
)

UNTOUCHED = "SELECT user_id, moved_to FROM subscriptions ORDER BY user_id"


def test_every_table_that_names_a_user_was_judged() -> None:
    with_user = {
        name
        for name, table in metadata.tables.items()
        if any(column.name.endswith("user_id") for column in table.columns)
    }

    assert with_user == {PERIODS, *STATEMENTS, *STAYS}


async def lives(api: MainBackend, renewals: Renewals, user: int) -> dict[str, Any]:
    """A month with a kept card that renews itself, days by hand, a part sent back and more asked for, photos."""
    bought = await renewals.subscribe(user)
    await give(api, user, 3, key="for-either")
    await api.refund(bought, "1.00", access="cut_prorata", key="for-either")
    await work_off(renewals.services)
    asked = await api.post(f"payments/{bought['payment_id']}/refund-request/", {"reason": "много"}, user)
    assert asked.status_code == 201, asked.text
    await api.consume(user)
    await api.reserve(f"photo-of-{user}", user)
    return bought


async def pass_days(clock: Clock, office: BackOffice, days: int) -> None:
    await clock.advance(days=days)
    await office.call("POST", "/clock", {"advance_seconds": days * 86400})


async def rows_of(database: Database, user: int) -> Mapping[str, int]:
    found: dict[str, int] = {}
    for table in {PERIODS, *STATEMENTS}:
        counted = await value(database, f"SELECT count(*) FROM {table} WHERE user_id = {user}")  # noqa: S608
        found |= {table: counted} if counted else {}
    return found


async def test_everything_goes_along_and_is_as_it_was_under_the_new_number(
    api: MainBackend, office: BackOffice, renewals: Renewals, database: Database, clock: Clock
) -> None:
    await noon(database, clock)
    await office.call("PUT", "/shop", {"fiscalization": True})
    await shop.ask(renewals.services)
    contact = {"email": "payer@example.ru"}
    await api.internal("PUT", f"users/{OLD}/receipt-contact/", contact)
    bought = await lives(api, renewals, OLD)
    await api.post("subscription/autorenew/", {"enabled": True}, OLD)
    await give(api, NEW, 10, key="for-either")
    await api.consume(NEW)
    before, lay = await rows_of(database, OLD), await spans(database, OLD, NEW)
    card, plan = await shown(api, OLD), (await state(api, OLD))["auto_renew"]

    done = await moved(api)

    assert before.keys() == {PERIODS, *STATEMENTS} - {"card_bindings", "grant_batch_members"} - {
        "payment_method_refusals",
        "renewal_notices",
        "daily_feature_usage",
    }
    assert {table: count for table, count in done["moved"].items() if count} == dict(before)
    assert await rows_of(database, OLD) == {}
    assert unused(await spans(database, NEW), done) == unused(lay, done)
    assert await broken_rules(database) == {}
    free, now = await state(api, OLD), await state(api, NEW)
    assert (free["status"], free["plan"], free["payment_method"]) == ("free", "FREE", None)
    assert (now["status"], now["auto_renew"], await shown(api, NEW)) == ("active", plan, card)
    assert (now["usage"]["used_today"], now["usage"]["held"]) == (2, 1)
    assert (await api.commit(f"photo-of-{OLD}")).status_code == 200
    assert (await state(api, NEW))["usage"]["used_today"] == 3
    assert (await api.get(f"payments/{bought['payment_id']}/", OLD)).status_code == 404
    assert (await api.payment(bought["payment_id"], NEW))["status"] == "succeeded"
    assert (await api.internal("GET", f"users/{NEW}/receipt-contact/")).json()["email"] is not None


@pytest.mark.parametrize(
    ("his", "theirs", "lasts", "expected"),
    [
        # (the day of a grant, its days): both run on day 20.
        ([(0, 30)], [(10, 30)], 30, [10]),
        ([(10, 30)], [(0, 30)], 30, [10]),
        # What he was given last comes after what they were given before.
        ([(0, 30), (1, 30)], [(10, 30), (11, 30)], 90, [10]),
        # One is over and lay within the other; another one is over and reached into it.
        ([(5, 5)], [(0, 30)], 10, [5]),
        ([(0, 12)], [(10, 30)], 20, [2]),
        ([(0, 5)], [(10, 30)], 20, []),
        ([], [(10, 30)], 20, []),
        ([(10, 30)], [], 20, []),
    ],
)
async def test_no_day_is_lost_or_doubled_whatever_overlapped(
    api: MainBackend,
    database: Database,
    clock: Clock,
    his: list[tuple[int, int]],
    theirs: list[tuple[int, int]],
    lasts: int,
    expected: list[float],
) -> None:
    deeds = sorted([(*one, OLD) for one in his] + [(*one, NEW) for one in theirs])
    today = 0
    for day, days, user in deeds:
        await clock.advance(days=day - today)
        today = day
        await give(api, user, days)
    await clock.advance(days=20 - today)
    lay = await spans(database, OLD, NEW)

    done = await moved(api)

    assert unused(await spans(database, NEW), done) == unused(lay, done)
    until = await value(database, f"SELECT pro_ends({NEW}) - billing_now()")
    assert abs(until - timedelta(days=lasts)) < timedelta(minutes=1)
    assert await cuts(database) == expected
    assert await broken_rules(database) == {}


async def test_what_was_used_beside_is_named_and_is_not_taken_back(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    """An audit that counted it as taken back would find more days taken than money went back."""
    for user in (OLD, NEW):
        await office.pay(await api.buy(user=user))
        await work_off(services)
        await pass_days(clock, office, 10)

    await moved(api)

    listed = (await api.internal("GET", f"users/{NEW}/periods/")).json()["results"]
    named = [cut["seconds"] // 86400 for one in listed for cut in one["used_beside"]]
    assert (named, [one["cuts"] for one in listed]) == ([10], [[], []])
    told = (await api.internal("GET", f"users/{NEW}/timeline/")).json()["results"]
    assert "снято" not in str(told)
    assert await broken_rules(database) == {}
    report = await daily_audit.audit(services, day=None, is_full=True, tell=lambda _: None)
    assert report.findings == {}


async def test_a_refund_after_the_move_takes_its_days_under_the_new_number(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    bought = await api.buy(user=OLD)
    await office.pay(bought)
    await work_off(services)
    await clock.advance(days=10)
    await give(api, NEW, 30)
    await moved(api)

    await office.refund(bought)
    await work_off(services)

    assert timedelta(days=30) - await ahead(database, NEW) < timedelta(minutes=1)
    assert await ahead(database, OLD) == timedelta(0)
    assert await broken_rules(database) == {}


async def test_the_days_ahead_move_up_in_the_order_in_which_they_lie(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    """What was granted first may lie later, once two have become one."""
    await give(api, NEW, 10)
    behind = await give(api, NEW, 20)
    await pass_days(clock, office, 5)
    runs = await api.buy(user=OLD)
    await office.pay(runs)
    await work_off(services)
    await pass_days(clock, office, 10)
    await moved(api)

    await api.refund(runs, "99.00", access="cut_prorata")
    await work_off(services)

    listed = (await api.internal("GET", f"users/{NEW}/periods/")).json()["results"]
    lies = {one["grant_id"] or one["payment_id"]: (one["begins"], one["ends"]) for one in listed}
    assert lies[behind["grant_id"]][0] == lies[runs["payment_id"]][1]
    assert abs(timedelta(days=20 - 30 * 99 / 299 + 15) - await ahead(database, NEW)) < timedelta(minutes=1)
    assert await broken_rules(database) == {}


async def test_a_repeat_and_twenty_at_once_are_one_move(api: MainBackend, database: Database) -> None:
    await give(api, OLD, 10)
    await give(api, NEW, 10)
    lay = await spans(database, OLD, NEW)

    answers = await asyncio.gather(*(move(api) for _ in range(20)))

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert await moved(api) == answers[0].json()
    assert await value(database, "SELECT count(*) FROM user_moves") == 1
    assert unused(await spans(database, NEW), answers[0].json()) == unused(lay, answers[0].json())
    told = "SELECT count(*) FROM outbox_events WHERE kind = 'subscription.moved'"
    assert await value(database, told) == 2


async def test_two_who_become_each_other_at_once_become_one_of_them(
    api: MainBackend, database: Database
) -> None:
    await give(api, OLD, 10)
    await give(api, NEW, 10)

    answers = await asyncio.gather(*(move(api, *way) for way in [(OLD, NEW), (NEW, OLD)] * 5))

    assert {answer.status_code for answer in answers} == {200}
    assert timedelta(days=20) - await ahead(database, OLD, NEW) < timedelta(minutes=1)
    assert await value(database, "SELECT count(DISTINCT user_id) FROM subscription_periods") == 1
    assert await broken_rules(database) == {}


async def test_he_may_move_back_and_then_everything_is_under_the_old_number(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    bought = await keep_a_card(api, office, services, user=OLD)
    await give(api, NEW, 10)
    await moved(api)

    back = await moved(api, NEW, OLD)

    assert back["moved"][PERIODS] == 2
    assert timedelta(days=40) - await ahead(database, OLD) < timedelta(minutes=1)
    assert (await api.payment(bought["payment_id"], OLD))["status"] == "succeeded"
    assert await rows(database, UNTOUCHED) == [
        {"user_id": OLD, "moved_to": None},
        {"user_id": NEW, "moved_to": OLD},
    ]
    assert (await api.post("create-payment/", {"plan_code": "PRO_MONTHLY"}, NEW)).status_code == 409
    assert await broken_rules(database) == {}
    # And once more, as a move of its own.
    await moved(api)
    assert await value(database, "SELECT count(*) FROM user_moves") == 3


async def test_killed_in_the_middle_nothing_has_moved_and_a_repeat_moves_everything(
    api: MainBackend, settings: Settings, database: Database
) -> None:
    await give(api, OLD, 10)
    await api.consume(OLD)
    await give(api, NEW, 10)
    await api.consume(NEW)
    before = await rows_of(database, OLD)

    # The last thing that it locks: the days are laid anew by then.
    async with HeldUp.at(settings, "LOCK TABLE user_moves IN EXCLUSIVE MODE") as held_up:
        moving = asyncio.create_task(move(api))
        await held_up.until(waiting=1)
        killed = await held_up.watcher.fetchval("""
            SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'billing-service' AND wait_event_type = 'Lock'
        """)
        assert killed == 1
        assert (await moving).status_code == 503

    assert await rows_of(database, OLD) == before
    assert {row["moved_to"] for row in await rows(database, UNTOUCHED)} == {None}
    assert timedelta(days=10) - await ahead(database, OLD) < timedelta(minutes=1)
    await moved(api)
    assert timedelta(days=20) - await ahead(database, NEW) < timedelta(minutes=1)


async def test_it_is_refused_while_something_of_either_is_open(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    async def because() -> object:
        answer = await move(api)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "MOVE_REFUSED")
        return answer.json()["error"]["details"]

    await give(api, OLD, 10)
    theirs = await api.buy(user=NEW)
    assert await because() == {"because": "open_payment", "user_id": NEW}
    await office.pay(theirs)
    await work_off(services)
    his = await order(api, OLD)
    assert await because() == {"because": "open_payment", "user_id": OLD}
    await office.pay(his)
    await work_off(services)
    await keep_a_card(api, office, services, user=NEW)
    assert await because() == {"because": "both_have_methods", "user_id": OLD}
    await refuse(api, NEW)
    started = await api.post("bind-card/start/", {"consent": {"document_version": "2026-11"}}, NEW)
    assert started.status_code == 201, started.text
    assert await because() == {"because": "open_binding", "user_id": NEW}

    assert {row["moved_to"] for row in await rows(database, UNTOUCHED)} == {None}


async def test_a_charge_that_is_under_way_is_waited_for(
    api: MainBackend, renewals: Renewals, office: BackOffice
) -> None:
    await renewals.subscribe(OLD)
    await office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "lost_before"}])
    await renewals.due_tomorrow(OLD)
    await renewals.pass_time(hours=2)
    assert [one["status"] for one in await renewals.charges()] == ["PENDING"]

    answer = await move(api)

    assert answer.json()["error"]["details"] == {"because": "charge_in_flight", "user_id": OLD}


async def test_nobody_moves_to_himself_nor_from_or_to_who_has_become_another(api: MainBackend) -> None:
    await give(api, OLD, 10)
    assert (await move(api, OLD, OLD)).status_code == 422
    await moved(api)

    for old, new, now in ((OLD, THIRD, NEW), (THIRD, OLD, NEW)):
        answer = await move(api, old, new)
        assert (answer.status_code, answer.json()["error"]["code"]) == (409, "USER_MOVED")
        assert answer.json()["error"]["details"] == {"moved_to": now}


async def test_the_command_shows_what_it_would_do_and_does_it_once(
    api: MainBackend, services: Services, database: Database, tmp_path: Path
) -> None:
    await give(api, OLD, 10)
    verb = ("move-user", str(OLD), str(NEW), "--author", "support", "--reason", "вошёл иначе")

    code, shows = await command(services, tmp_path, *verb, "--dry-run")
    assert (code, shows) == (0, "grants: 1\nsubscription_periods: 1\n")
    assert await value(database, "SELECT count(*) FROM user_moves") == 0
    assert (await command(services, tmp_path, *verb, says="n\n"))[0] == 1
    assert await value(database, "SELECT count(*) FROM user_moves") == 0
    code, said = await command(services, tmp_path, *verb, "--yes")

    assert (code, "moved at" in said) == (0, True)
    assert (await state(api, NEW))["plan"] == "PRO_MONTHLY"
    code, said = await command(services, tmp_path, "move-user", str(OLD), str(THIRD), *verb[3:], "--yes")
    assert (code, "USER_MOVED" in said) == (1, True)
