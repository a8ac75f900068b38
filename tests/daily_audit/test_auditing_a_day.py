"""The daily audit: clean when all is well, and naming exactly what is not."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from billing_service.kit.db import Database
from billing_service.operations import daily_audit as service
from billing_service.operations.audit_command import text_of
from billing_service.operations.daily_audit import DAYS, MONEY, STOPS_CHARGING, Report
from billing_service.operations.invariants import INVARIANTS, OF_DAYS, OF_USERS
from billing_service.services import Services
from tests.events.told import publish
from tests.ledger import rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, noon, work_off
from tests.stories.silence import LOSE_EVERY_NOTIFICATION, pass_time

# Whoever edits rows by hand in the database, past every constraint.
UNGUARDED = "SET session_replication_role = replica"


@pytest.fixture
async def bought(api: MainBackend, office: BackOffice, services: Services, clock: Clock) -> dict[str, Any]:
    """A day with a purchase, a part of which went back; and now it is the day after."""
    payment = await api.buy()
    await office.pay(payment)
    await work_off(services)
    await api.refund(payment, "100.00")
    await publish(services)
    await a_day_later(office, clock)
    return payment


@pytest.fixture
async def bought_by_others(api: MainBackend, office: BackOffice, services: Services) -> None:
    """Two more payers of the day, about whom there is nothing to say."""
    for user in (1002, 1003):
        payment = await api.buy(user=user)
        await office.pay(payment)
        await work_off(services)
        await api.refund(payment, "50.00")


async def a_day_later(office: BackOffice, clock: Clock) -> None:
    await clock.advance(days=1)
    await office.call("POST", "/clock", {"advance_seconds": timedelta(days=1).total_seconds()})


async def audit(services: Services, *, is_full: bool = False) -> Report:
    return await service.audit(services, day=None, is_full=is_full, tell=lambda _: None)


async def audit_what_is_due(services: Services) -> None:
    while await service.audit_due(services):
        pass


@asynccontextmanager
async def by_hand(database: Database) -> AsyncIterator[Any]:
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql(UNGUARDED)
        yield connection.exec_driver_sql
        await connection.exec_driver_sql("SET session_replication_role = origin")


@pytest.mark.usefixtures("bought")
@pytest.mark.parametrize("is_full", [False, True])
async def test_a_day_on_which_all_is_well_is_clean_and_adds_up(
    services: Services, database: Database, is_full: bool
) -> None:
    report = await audit(services, is_full=is_full)

    assert report.findings == {}
    assert (report.paid_ours, report.paid_theirs) == ("299.00", "299.00")
    assert (report.returned_ours, report.returned_theirs) == ("100.00", "100.00")
    assert (report.days_paid, report.days_granted) == (30, 30)
    assert report.examined == (None if is_full else 1)
    assert "Расхождений нет." in text_of(report)
    [kept] = await rows(database, "SELECT day::text, is_full, report FROM daily_audits")
    assert kept["report"] == report.as_dict()


# Rule -> what somebody did to the rows of one user, and the row that the audit names for it.
PAYMENT = "SELECT id::text FROM payments WHERE user_id = 1001"
PERIOD = "SELECT max(id)::text FROM subscription_periods WHERE user_id = 1001"
PERIODS = "SELECT min(id) || ' and ' || max(id) FROM subscription_periods WHERE user_id = 1001"
REFUND = "SELECT r.id::text FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE p.user_id = 1001"
HIS = "payment_id = (SELECT id FROM payments WHERE user_id = 1001)"
PLANTED = {
    "a paid plan has its period": ("DELETE FROM subscription_periods WHERE user_id = 1001", PAYMENT),
    "a paid period is what its payment bought": (
        "UPDATE subscription_periods SET plan_code = 'PRO_YEARLY' WHERE user_id = 1001",
        PERIOD,
    ),
    "no two spans of a user's chain overlap": (
        """
        INSERT INTO subscription_periods (user_id, plan_code, cause, author, reason, days, granted_at, span, is_test)
        SELECT user_id, plan_code, 'grant', 'a', 'b', days, granted_at, span, is_test FROM subscription_periods
        WHERE user_id = 1001
        """,
        PERIODS,
    ),
    "no more is refunded than was paid": (f"UPDATE refunds SET amount = 299.01 WHERE {HIS}", PAYMENT),  # noqa: S608 (constants)
    "a refund that succeeded has had its effect": (
        f"UPDATE refunds SET applied_at = NULL, access_cut = NULL WHERE {HIS}",  # noqa: S608
        REFUND,
    ),
    "every open payment will be asked about": (
        """
        UPDATE payments SET status = 'PENDING', next_ask_at = NULL, period_id = NULL, paid_at = NULL
        WHERE user_id = 1001
        """,
        PAYMENT,
    ),
}


@pytest.mark.usefixtures("bought_by_others", "bought")
@pytest.mark.parametrize(
    ("rule", "deed", "row"), [(rule, *case) for rule, case in PLANTED.items()], ids=PLANTED
)
@pytest.mark.parametrize("is_full", [False, True])
async def test_what_was_spoilt_by_hand_is_named_by_its_rule_with_exactly_its_row(
    services: Services, database: Database, rule: str, deed: str, row: str, is_full: bool
) -> None:
    named = await value(database, row) if row is not PERIODS else None
    async with by_hand(database) as do:
        await do(deed)

    report = await audit(services, is_full=is_full)

    assert list(report.findings[rule]) == [named or await value(database, row)]
    assert "РАСХОЖДЕНИЯ" in text_of(report)


async def test_a_wrong_sum_is_named_by_payment_and_user_with_both_amounts(
    bought: dict[str, Any], services: Services, database: Database
) -> None:
    async with by_hand(database) as do:
        await do("UPDATE payments SET amount = 298.99")

    report = await audit(services)

    assert report.findings[MONEY] == [
        f"payment {bought['payment_id']} of user {USER}: 298.99 RUB SUCCEEDED here, 299.00 RUB at YooKassa"
    ]
    assert (report.paid_ours, report.paid_theirs) == ("298.99", "299.00")


@pytest.mark.usefixtures("bought")
async def test_a_day_too_many_is_told_by_the_days(services: Services, database: Database) -> None:
    async with by_hand(database) as do:
        await do(
            "UPDATE subscription_periods SET days = 31, "
            "span = tstzrange(lower(span), lower(span) + interval '31 days')"
        )

    report = await audit(services)

    assert report.findings[DAYS] == ["30 days were paid, 31 were given"]


async def test_money_that_only_one_side_knows_is_named(
    bought: dict[str, Any], services: Services, database: Database
) -> None:
    async with by_hand(database) as do:
        await do("UPDATE payments SET yookassa_payment_id = '2fc4a1de-000f-5000-9000-1c0ffeecafe1'")

    report = await audit(services)

    assert set(report.findings[MONEY]) == {
        f"payment {bought['yookassa_payment_id']}: 299.00 RUB at YooKassa, no row here",
        f"payment {bought['payment_id']} of user {USER}: 299.00 RUB here, not in YooKassa's list",
    }


@pytest.mark.parametrize("spoilt", ["NULL", "'../payments'"])
async def test_a_row_whose_id_of_yookassa_was_spoilt_is_named_and_stops_nothing(
    bought: dict[str, Any], services: Services, database: Database, spoilt: str
) -> None:
    async with by_hand(database) as do:
        await do(f"UPDATE payments SET yookassa_payment_id = {spoilt}")  # noqa: S608 (constants)

    report = await audit(services)

    here = f"payment {bought['payment_id']} of user {USER}: 299.00 RUB here, not in YooKassa's list"
    assert here in report.findings[MONEY]


async def test_a_refund_of_the_cabinet_that_nobody_has_taken_in_is_named(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    payment = await api.buy()
    await office.pay(payment)
    await work_off(services)
    await office.call("PUT", "/faults", LOSE_EVERY_NOTIFICATION)
    refund = await office.refund(payment, "50.00")
    await a_day_later(office, clock)

    report = await audit(services)

    assert report.findings == {MONEY: [f"refund {refund['id']}: 50.00 RUB at YooKassa, no row here"]}


async def test_a_refund_that_took_longer_than_the_list_goes_back_is_no_difference(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    payment = await api.buy()
    await office.pay(payment)
    await work_off(services)
    late = {"operation": "create_refund", "fault": "stay_pending", "seconds": 5 * 86400}
    await office.call("PUT", "/faults", [late])
    await api.refund(payment, "50.00")
    for _ in range(5):
        await a_day_later(office, clock)
    await pass_time(clock, office, services, minutes=1)
    await a_day_later(office, clock)

    report = await audit(services)

    assert (report.findings, report.returned_ours, report.returned_theirs) == ({}, "50.00", "50.00")


async def test_what_another_system_in_the_shop_sells_is_told_apart_and_is_no_finding(
    office: BackOffice, services: Services, clock: Clock
) -> None:
    body = (
        b'{"amount": {"value": "10.00", "currency": "RUB"}, "capture": true, '
        b'"confirmation": {"type": "redirect", "return_url": "https://app.eatfit24.ru/"}}'
    )
    made = await services.yookassa.create_payment(body, idempotence_key="foreign")
    await office.pay({"yookassa_payment_id": made.id})
    await a_day_later(office, clock)

    report = await audit(services)

    assert (report.is_clean, report.foreign, report.foreign_count) == (True, [made.id], 1)
    assert report.paid_theirs == "0.00"


@pytest.mark.usefixtures("bought")
async def test_a_broken_rule_of_money_stops_charging_and_is_an_alarm(
    services: Services, database: Database
) -> None:
    async with by_hand(database) as do:
        await do("UPDATE refunds SET amount = 299.01")

    with capture_logs() as lines:
        await audit(services)

    found = [line["rule"] for line in lines if line.get("kind") == "audit_found"]
    assert "no more is refunded than was paid" in found
    assert (
        await value(database, "SELECT source FROM charging_stops WHERE stopped_since IS NOT NULL") == "audit"
    )


@pytest.mark.usefixtures("bought")
async def test_every_day_without_a_worker_is_caught_up_once_it_is_over_for_a_while(
    services: Services, database: Database, clock: Clock
) -> None:
    async def audited() -> int:
        await audit_what_is_due(services)
        return int(await value(database, "SELECT count(*) FROM daily_audits"))

    await noon(database, clock)
    first = await audited()
    again = await audited()
    await clock.advance(days=3)

    assert (first, again, await audited()) == (1, 1, 4)
    assert await value(database, "SELECT count(DISTINCT day) = count(*) FROM daily_audits")


async def test_a_day_is_due_once_it_is_over_for_two_hours(
    services: Services, database: Database, clock: Clock
) -> None:
    midnight = "date_trunc('day', billing_now() AT TIME ZONE 'Europe/Moscow') + interval '1 day'"
    left = f"SELECT extract(epoch FROM ({midnight}) AT TIME ZONE 'Europe/Moscow' - billing_now())"  # noqa: S608
    await audit(services)
    await clock.advance(seconds=float(await value(database, left)) + 7100)

    early = await service.audit_due(services), await value(database, "SELECT count(*) FROM daily_audits")
    await clock.advance(seconds=200)
    await audit_what_is_due(services)

    assert early == (False, 1)
    assert await value(database, "SELECT count(*) FROM daily_audits") == 2


@pytest.mark.usefixtures("bought")
async def test_a_day_before_one_that_was_audited_by_hand_is_caught_up_too(
    services: Services, database: Database, clock: Clock
) -> None:
    await audit(services)
    await clock.advance(days=3)
    await audit(services)
    await audit_what_is_due(services)

    assert await value(database, "SELECT count(*) FROM daily_audits") == 4
    assert await value(
        database, "SELECT max(day) - min(day) = 3 AND count(DISTINCT day) = 4 FROM daily_audits"
    )


@pytest.mark.usefixtures("bought")
async def test_who_has_not_changed_since_the_last_audit_is_not_examined_again(
    api: MainBackend, services: Services, database: Database
) -> None:
    first = await audit(services)
    again = await audit(services)
    await api.internal(
        "POST",
        f"users/{USER + 1}/grants",
        {"plan_code": "PRO_MONTHLY", "days": 1, "author": "support", "reason": "сбой"},
        Idempotency_Key="one",
    )
    await publish(services)
    third = await audit(services)

    assert (first.examined, again.examined, third.examined) == (1, 0, 1)
    assert await value(database, "SELECT count(*) FROM daily_audits") == 3


async def test_who_has_something_open_or_not_numbered_yet_is_examined_each_time(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    bought, *_ = [await api.buy(user=user) for user in (USER, USER + 1)]
    await office.pay(bought)
    await work_off(services)
    late = {"operation": "create_refund", "fault": "stay_pending"}
    await office.call("PUT", "/faults", [late])
    await api.refund(bought, "50.00")
    await publish(services)
    open_ones = [(await audit(services)).examined for _ in range(2)]

    await api.internal(
        "POST",
        f"users/{USER + 2}/grants",
        {"plan_code": "PRO_MONTHLY", "days": 1, "author": "support", "reason": "сбой"},
        Idempotency_Key="one",
    )

    # A refund on its way, an open checkout; and a gift whose event no worker has numbered yet.
    assert open_ones == [2, 2]
    assert (await audit(services)).examined == 3


@pytest.mark.usefixtures("bought")
async def test_what_was_found_broken_is_named_again_until_it_is_well(
    services: Services, database: Database
) -> None:
    rule = "a refund that succeeded has had its effect"
    async with by_hand(database) as do:
        [before] = await rows(database, "SELECT applied_at, access_cut FROM refunds")
        await do("UPDATE refunds SET applied_at = NULL, access_cut = NULL")

    found = [rule in (await audit(services)).findings for _ in range(2)]
    async with by_hand(database) as do:
        await do(
            "UPDATE refunds SET applied_at = $1, access_cut = $2",
            (before["applied_at"], before["access_cut"]),
        )

    assert found == [True, True]
    assert rule not in (await audit(services)).findings


def test_every_rule_that_stops_charging_is_a_rule_and_every_large_table_is_scoped() -> None:
    assert set(INVARIANTS) >= STOPS_CHARGING
    scoped = {*OF_USERS, *OF_DAYS}
    assert {table for table in scoped if any(f" {table}" in rule for rule in INVARIANTS.values())} == scoped


@pytest.mark.usefixtures("bought")
async def test_the_figures_say_when_the_last_one_was_and_what_it_found(
    services: Services, database: Database, api: MainBackend
) -> None:
    def figures(page: str) -> dict[str, float]:
        lines = [line.split() for line in page.splitlines() if line.startswith("billing_daily_audit_")]
        return {name: float(figure) for name, figure in lines}

    assert figures((await api.http.get("/metrics")).text) == {}
    async with by_hand(database) as do:
        await do("UPDATE refunds SET amount = 299.01")
    report = await audit(services)

    shown = figures((await api.http.get("/metrics")).text)

    assert shown["billing_daily_audit_broken_rules"] == len(report.findings) > 0
    assert 0 <= shown["billing_daily_audit_seconds_ago"] < 60
    assert 0 <= shown["billing_daily_audit_took_seconds"] < 60
