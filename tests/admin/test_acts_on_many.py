"""Days for many: one reason, a preview, one result a user, nobody twice; and back together."""

import asyncio
import re

import pytest

from billing_service.kit.db import Database
from billing_service.services import Services
from billing_service.staff.once import LEASE
from tests.admin.visitor import Person
from tests.ledger import rows, value
from tests.stage import Clock

MONTH = {"name": "сбой 26 ноября", "plan_code": "PRO_MONTHLY", "days": "30"}
ACTIONS = (
    "SELECT action, count(*) AS times FROM audit_log WHERE caller = 'panel' GROUP BY action ORDER BY action"
)


async def standing(database: Database) -> int:
    count: int = await value(
        database, "SELECT count(*) FROM subscription_periods WHERE upper(span) > billing_now()"
    )
    return count


async def test_many_are_given_days_each_once_with_one_result_a_user(
    finance: Person, database: Database
) -> None:
    users = ", ".join(str(user) for user in range(2001, 2031)) + "\n2001"
    page, form = await finance.preview("give-days-to-many", users=users, **MONTH)
    looked = await value(database, "SELECT count(*) FROM grant_batches")
    clicks = await asyncio.gather(*(finance.post("/acts/give-days-to-many", form) for _ in range(2)))
    done = await finance.http.get(clicks[0].headers["location"])
    again, _ = await finance.preview("give-days-to-many", users=users, **MONTH)

    assert "<dd>30</dd>" in page.text
    assert "900 дней" in page.text
    assert "никогда не было доступа" in page.text
    assert looked == 0
    assert {click.status_code for click in clicks} == {303}
    assert "Подарено 30 из 30" in done.text
    assert len(re.findall(r"PRO до \d", done.text)) == 30
    assert await value(
        database, "SELECT count(DISTINCT user_id) FROM subscription_periods"
    ) == await standing(database)
    assert [dict(one) for one in await rows(database, ACTIONS)] == [
        {"action": "grant.given", "times": 30},
        {"action": "grant_batch.begun", "times": 1},
    ]
    assert "никому: дни уже у всех" in again.text


async def test_a_batch_that_was_killed_half_way_goes_on_and_gives_nobody_twice(
    finance: Person, panel: Services, clock: Clock, database: Database
) -> None:
    _, form = await finance.preview("give-days-to-many", users="2001 2002 2003", **MONTH)
    await finance.post("/acts/give-days-to-many", form)
    async with panel.statements.transaction() as tx:
        await tx.execute("UPDATE staff_acts SET done_at = NULL, outcome = NULL")
    await clock.advance(seconds=LEASE.total_seconds() + 1)

    assert (await finance.post("/acts/give-days-to-many", form)).status_code == 303
    assert await value(database, "SELECT count(*) FROM subscription_periods") == 3


async def test_the_days_of_many_are_taken_back_together_with_one_result_a_user(
    finance: Person, support: Person, clock: Clock, database: Database
) -> None:
    await finance.do("give-days-to-many", users="2001 2002 2003", **MONTH)
    batch = str(await value(database, "SELECT id FROM grant_batches"))
    shown = (await support.open(f"/batches/{batch}")).text
    await clock.advance(minutes=20)

    page, _ = await finance.preview("revoke-days-of-many", batch)
    done = await finance.do("revoke-days-of-many", batch)
    again, _ = await finance.preview("revoke-days-of-many", batch)
    given, _ = await finance.preview("give-days-to-many", users="2001 2002 2003", **MONTH)

    assert (shown.count("/admin/users/200"), "/admin/acts/revoke-days-of-many" in shown) == (6, False)
    assert "«Отозвать у всех» могут: " in shown
    assert page.text.count("<dd>3</dd>") == 2
    assert "Отозвано у 3" in done.text
    assert done.text.count("снято: 29 дней") == 3
    assert await standing(database) == 0
    assert (again.status_code, "уже отозваны" in again.text) == (409, True)
    assert (given.status_code, "возьмите другое название" in given.text) == (409, True)
    assert "Дни отозваны у многих" in (await support.open("/audit")).text


@pytest.mark.parametrize(
    "said",
    [
        {"users": "2001, вася"},
        {"users": " ".join(map(str, range(1, 202)))},
        {"users": ""},
        {"name": ""},
        {"name": "x" * 101},
        {"days": "0"},
        {"plan_code": "FREE"},
    ],
)
async def test_whom_and_what_must_be_said_rightly(
    finance: Person, database: Database, said: dict[str, str]
) -> None:
    page, form = await finance.preview("give-days-to-many", **MONTH | {"users": "2001"} | said)

    assert (page.status_code, form, 'class="wrong"' in page.text) == (422, {}, True)
    assert await value(database, "SELECT count(*) FROM grant_batches") == 0


async def test_another_gift_under_the_same_name_is_refused(finance: Person, database: Database) -> None:
    await finance.do("give-days-to-many", users="2001", **MONTH)

    page, _ = await finance.preview("give-days-to-many", users="2002", **MONTH)

    assert (page.status_code, "дарили иначе" in page.text) == (409, True)
    assert await standing(database) == 1
