"""Each query of what must never be false finds the row that says otherwise."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection
from structlog.testing import capture_logs

from billing_service.kit.db import Database
from billing_service.operations.invariants import (
    INVARIANTS,
    NAMED_AT_MOST,
    OTHER_RULES,
    USERS_AT_ONCE,
    find_violations,
    find_violations_among,
    watch,
)
from tests.test_constraints import USER, Rows, span

LONG_AFTER = datetime(2126, 11, 21, tzinfo=UTC)
# What usually makes these rows impossible; foreign keys first, for they lean on the others.
DROP_EVERY_CONSTRAINT = """
DO $$ DECLARE it record; BEGIN
    FOR it IN SELECT conrelid::regclass AS tab, conname FROM pg_constraint
        WHERE connamespace = 'public'::regnamespace AND contype IN ('f', 'c', 'u', 'x') AND conrelid <> 0
            AND conparentid = 0 ORDER BY contype = 'f' DESC
    LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT IF EXISTS %I CASCADE', it.tab, it.conname); END LOOP;
END $$
"""


A_LOST_HOLD = """
    INSERT INTO daily_usage (user_id, date, photo_ai_requests, holds)
    VALUES (1, now(), 1, '{"lost": [1, 99999999999]}')
"""


@pytest.fixture
async def connection(database: Database) -> AsyncIterator[AsyncConnection]:
    """One transaction, undone at the end, in which the database refuses nothing."""
    async with database.engine.connect() as connection:
        await connection.execute(text(DROP_EVERY_CONSTRAINT))
        await connection.execute(text("DROP INDEX uq_payments_open_renewal, uq_payments_renewed_period"))
        yield connection
        await connection.rollback()


@pytest.fixture
async def lawless(connection: AsyncConnection) -> Rows:
    raw = await connection.get_raw_connection()
    return Rows(raw.driver_connection)


async def a_paid_plan_without_its_period(rows: Rows) -> None:
    await rows.payment(status="SUCCEEDED")


async def a_period_the_payment_does_not_name(rows: Rows) -> None:
    await rows.period(await rows.payment(status="SUCCEEDED"))


async def two_periods_for_a_payment(rows: Rows) -> None:
    payment = await rows.payment()
    await rows.period(payment)
    await rows.period(payment, span=span(30, 60))


async def a_period_longer_than_what_was_bought(rows: Rows) -> None:
    await rows.period(await rows.payment(status="SUCCEEDED"), days=31, span=span(0, 31))


async def a_period_of_a_payment_that_failed(rows: Rows) -> None:
    await rows.period(await rows.payment(status="CANCELED"))


async def a_span_with_an_edited_end(rows: Rows) -> None:
    await rows.period(span=span(0, 32))


async def spans_that_overlap(rows: Rows) -> None:
    await rows.period()
    await rows.period(span=span(29, 59))


async def a_grant_by_nobody(rows: Rows) -> None:
    await rows.period(author=None)


async def a_payment_under_an_old_number(rows: Rows) -> None:
    await rows.payment(status="CANCELED")
    await rows.run(f"INSERT INTO subscriptions (user_id, moved_to) VALUES ({USER}, {USER + 1})")  # noqa: S608


async def two_renewals_at_once(rows: Rows) -> None:
    for _ in range(2):
        await rows.payment(is_recurring=True, status="PENDING")


async def a_period_renewed_twice(rows: Rows) -> None:
    for status in ("SUCCEEDED", "PENDING"):
        await rows.payment(is_recurring=True, renewed_period_id=1, status=status)


async def more_refunded_than_was_paid(rows: Rows) -> None:
    payment = await rows.payment(status="SUCCEEDED")
    for _ in range(2):
        await a_refund(rows, payment)


async def a_refund_of_what_was_never_paid(rows: Rows) -> None:
    long_ago = datetime.now(UTC) - timedelta(hours=2)
    await a_refund(rows, await rows.payment(status="CANCELED"), updated_at=long_ago)


async def a_refund_without_its_effect(rows: Rows) -> None:
    await a_refund(rows, await rows.payment(status="SUCCEEDED"), applied_at=None)


async def more_access_taken_than_money_returned(rows: Rows) -> None:
    payment = await rows.payment(status="SUCCEEDED")
    await a_refund(rows, payment)
    await rows.period(payment, cut=timedelta(days=16), span=span(0, 14))


async def a_period_cut_by_nobody(rows: Rows) -> None:
    payment = await rows.payment(status="SUCCEEDED")
    await a_refund(rows, payment, access="cut_prorata", access_cut=timedelta(days=1))
    await rows.period(payment, cut=timedelta(days=2), span=span(0, 28))


async def a_refund_asked_for_by_nobody(rows: Rows) -> None:
    await a_refund(rows, await rows.payment(status="SUCCEEDED"), made_by="api")


async def an_open_refund_nobody_will_ask_about(rows: Rows) -> None:
    await an_open_refund(rows, next_ask_at=None)


async def a_request_of_a_refund_kept_too_long(rows: Rows) -> None:
    await a_refund(rows, await rows.payment(status="SUCCEEDED"), request_body=b"sealed")


async def one_object_for_two_refunds(rows: Rows) -> None:
    for _ in range(2):
        await an_open_refund(rows, yookassa_refund_id="30f6a001-0015-5000-8000-1a2b3c4d5e6f")


async def an_open_refund(rows: Rows, **changes: object) -> None:
    open_one = {"status": "PENDING", "applied_at": None, "access_cut": None, "yookassa_refund_id": "some"}
    await a_refund(rows, await rows.payment(status="SUCCEEDED"), **open_one | changes)


async def a_refund(rows: Rows, payment: object, **changes: object) -> None:
    row = {
        "id": uuid4(),
        "payment_id": payment,
        "amount": 150,
        "currency": "RUB",
        "shop_id": "100500",
        "is_test": True,
        "status": "SUCCEEDED",
        "access": "keep",
        "access_cut": timedelta(0),
        "applied_at": datetime.now(UTC),
        "reason": "asked for",
    }
    await rows.insert("refunds", row | changes)


async def a_hold_of_nothing(rows: Rows) -> None:
    await rows.run(
        "INSERT INTO daily_usage (user_id, date, holds) VALUES ($1, billing_now(), $2)",
        USER,
        '{"op": [0, 1800000000]}',
    )


async def a_hold_until_never(rows: Rows) -> None:
    await rows.run(
        "INSERT INTO daily_usage (user_id, date, holds) VALUES ($1, billing_now(), $2)",
        USER,
        '{"op": [1, null]}',
    )


async def a_hold_without_its_operation(rows: Rows) -> None:
    await rows.run(
        "INSERT INTO daily_usage (user_id, date, holds) VALUES ($1, billing_now(), $2)",
        USER,
        '{"op": [1, 1800000000]}',
    )


async def an_open_payment_nobody_will_ask_about(rows: Rows) -> None:
    await rows.payment(next_ask_at=None)


async def a_request_kept_too_long(rows: Rows) -> None:
    await rows.payment(status="CANCELED", request_body=b"sealed")


async def one_object_for_two_payments(rows: Rows) -> None:
    for _ in range(2):
        await rows.payment(yookassa_payment_id="30f5d918-000f-5000-8000-18db351245c7")


async def a_notification_with_a_card(rows: Rows) -> None:
    await rows.insert(
        "webhook_logs",
        {
            "event_id": "e",
            "event_type": "payment.succeeded",
            "payment_id": "p",
            "trace_id": "t",
            "client_ip": "127.0.0.1",
            "raw_payload": '{"object": {"payment_method": {"card": {"last4": "4444"}}}}',
        },
    )


async def a_table_under_another_name(rows: Rows) -> None:
    await rows.run("ALTER TABLE refunds RENAME TO billing_refunds")


async def a_period_that_begins_out_of_nothing(rows: Rows) -> None:
    await rows.period(span=asyncpg.Range(LONG_AFTER, LONG_AFTER + timedelta(days=30)))
    await rows.period(span=asyncpg.Range(LONG_AFTER + timedelta(days=30), LONG_AFTER + timedelta(days=60)))


async def a_period_older_than_its_money(rows: Rows) -> None:
    await rows.period(await rows.payment(status="SUCCEEDED"))
    await rows.run("UPDATE payments SET paid_at = billing_now() - interval '1 day'")
    await rows.run(
        "UPDATE subscription_periods SET span = tstzrange(at, at + interval '720 hours') "
        "FROM (SELECT billing_now() - interval '2 days' AS at) long_before"
    )


BROKEN: list[tuple[str, Callable[[Rows], Awaitable[None]]]] = [
    ("a paid plan has its period", a_paid_plan_without_its_period),
    ("a paid plan has its period", a_period_the_payment_does_not_name),
    ("a payment never has two periods", two_periods_for_a_payment),
    ("a paid period is what its payment bought", a_period_longer_than_what_was_bought),
    ("a paid period is what its payment bought", a_period_of_a_payment_that_failed),
    ("a span is as long as its days less what was cut", a_span_with_an_edited_end),
    ("no two spans of a user's chain overlap", spans_that_overlap),
    ("a period still to come begins where another ends", a_period_that_begins_out_of_nothing),
    ("a period does not begin before it was paid", a_period_older_than_its_money),
    ("a period has exactly one cause", a_grant_by_nobody),
    ("whoever has become another number has nothing under the old one", a_payment_under_an_old_number),
    ("at most one renewal of a user is open", two_renewals_at_once),
    ("a period is renewed at most once", a_period_renewed_twice),
    ("no more is refunded than was paid", more_refunded_than_was_paid),
    ("no more is refunded than was paid", a_refund_of_what_was_never_paid),
    ("a refund that succeeded has had its effect", a_refund_without_its_effect),
    ("no more access is taken than money went back", more_access_taken_than_money_returned),
    ("what a paid period lacks is what its refunds took", a_period_cut_by_nobody),
    ("a refund made here was asked for by somebody", a_refund_asked_for_by_nobody),
    ("every open refund will be asked about", an_open_refund_nobody_will_ask_about),
    ("the request of a refund is erased once its outcome is known", a_request_of_a_refund_kept_too_long),
    ("what the provider made belongs to one refund", one_object_for_two_refunds),
    ("counts and holds can be read", a_hold_of_nothing),
    ("counts and holds can be read", a_hold_until_never),
    ("a held place is remembered as an operation", a_hold_without_its_operation),
    ("every open payment will be asked about", an_open_payment_nobody_will_ask_about),
    ("a request is erased once its outcome is known", a_request_kept_too_long),
    ("what the provider made belongs to one payment", one_object_for_two_payments),
    ("no card is kept of a notification", a_notification_with_a_card),
    ("every table has its pinned name", a_table_under_another_name),
]


@pytest.mark.parametrize(("rule", "breaks"), BROKEN, ids=[breaks.__name__ for _, breaks in BROKEN])
async def test_a_query_finds_what_must_never_be(
    connection: AsyncConnection, lawless: Rows, rule: str, breaks: Callable[[Rows], Awaitable[None]]
) -> None:
    before = await find_violations(connection, rule)

    await breaks(lawless)

    assert before == []
    found = await find_violations(connection, rule)
    assert len(found) == 1
    among = await find_violations_among(connection, [] if rule in OTHER_RULES else [USER])
    assert among[rule] == found


async def test_a_hold_whose_time_is_over_needs_no_operation(
    connection: AsyncConnection, lawless: Rows
) -> None:
    over = "INSERT INTO daily_usage (user_id, date, holds) VALUES ($1, billing_now(), $2)"
    await lawless.run(over, USER, '{"op": [1, 1000000000.5]}')

    assert await find_violations(connection, "a held place is remembered as an operation") == []


def test_every_query_is_tried() -> None:
    assert {rule for rule, _ in BROKEN} == set(INVARIANTS)


async def test_of_many_violations_the_first_few_are_named(connection: AsyncConnection, lawless: Rows) -> None:
    for _ in range(NAMED_AT_MOST + 1):
        await a_paid_plan_without_its_period(lawless)

    assert len(await find_violations(connection, "a paid plan has its period")) == NAMED_AT_MOST


async def test_however_many_users_are_asked_about_each_is_looked_at_and_the_first_few_rows_are_named(
    connection: AsyncConnection, lawless: Rows
) -> None:
    many = [*range(USER + 1, USER + 1 + USERS_AT_ONCE), USER]
    for _ in range(NAMED_AT_MOST + 1):
        await a_paid_plan_without_its_period(lawless)

    assert await find_violations_among(connection, many[:-1]) == {}
    assert len((await find_violations_among(connection, many))["a paid plan has its period"]) == NAMED_AT_MOST


async def test_rules_that_cannot_be_examined_are_alarmed_together() -> None:
    nowhere = Database("postgresql://billing@127.0.0.1:1/billing", pool_size=1)

    with capture_logs() as lines:
        await watch(nowhere, asyncio.Event())
    await nowhere.close()

    assert [line["kind"] for line in lines] == ["invariant_not_examined"]
    assert set(lines[0]["rules"]) == set(INVARIANTS)


async def test_a_rule_that_cannot_be_examined_hides_no_broken_one(database: Database) -> None:
    """Whatever the reason: here a column that it reads is gone."""
    async with database.engine.begin() as connection:
        await connection.execute(text(A_LOST_HOLD))
        await connection.execute(text("ALTER TABLE refunds RENAME COLUMN currency TO currency_away"))
    try:
        with capture_logs() as lines:
            await watch(database, asyncio.Event())
    finally:
        async with database.engine.begin() as connection:
            await connection.execute(text("ALTER TABLE refunds RENAME COLUMN currency_away TO currency"))

    found = {line["kind"]: line for line in lines}
    assert set(found) == {"invariant_broken", "invariant_not_examined"}
    assert found["invariant_broken"]["rule"] == "a held place is remembered as an operation"
    assert list(found["invariant_not_examined"]["rules"]) == ["no more is refunded than was paid"]


async def test_a_stopping_worker_examines_no_further_rule() -> None:
    nowhere = Database("postgresql://billing@127.0.0.1:1/billing", pool_size=1)
    stop = asyncio.Event()
    stop.set()

    with capture_logs() as lines:
        await watch(nowhere, stop)

    assert lines == []
