"""What the database itself refuses, whatever the code above it does."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from billing_service.config import Settings
from billing_service.kit.db import Database

START = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
USER, OTHER_USER = 1001, 1002
SUCCEED = "UPDATE payments SET status = 'SUCCEEDED', period_id = $2 WHERE id = $1"


class Rows:
    """Writes rows past every rule of the code."""

    def __init__(self, connection: asyncpg.Connection) -> None:
        self.connection = connection

    async def run(self, sql: str, *values: object) -> None:
        await self.connection.execute(sql, *values)

    async def insert(self, table: str, values: dict[str, Any]) -> Any:  # noqa: ANN401 (an id of either type)
        places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
        sql = f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places}) RETURNING id"  # noqa: S608
        return await self.connection.fetchval(sql, *values.values())

    async def payment(self, **changes: object) -> UUID:
        row = {
            "id": uuid4(),
            "user_id": USER,
            "plan_code": "PRO_MONTHLY",
            "amount": 299,
            "currency": "RUB",
            "duration_days": 30,
            "description": "PRO",
            "purpose": "PLAN",
            "shop_id": "100500",
            "is_test": True,
            "caller": "main",
            "route": "create-payment",
            "request_fingerprint": "",
            "return_url": "https://eatfit24.ru/",
        }
        created: UUID = await self.insert("payments", row | changes)
        return created

    async def period(self, payment_id: UUID | None = None, **changes: object) -> int:
        row: dict[str, Any] = {
            "user_id": USER,
            "plan_code": "PRO_MONTHLY",
            "cause": "payment" if payment_id else "grant",
            "payment_id": payment_id,
            "author": None if payment_id else "support",
            "reason": None if payment_id else "sorry",
            "days": 30,
            "granted_at": START,
            "span": span(0, 30),
        }
        created: int = await self.insert("subscription_periods", row | changes)
        return created

    async def paid(self, **changes: object) -> tuple[UUID, int]:
        """A payment that succeeded, and its period."""
        async with self.connection.transaction():
            payment = await self.payment(**changes)
            period = await self.period(payment, plan_code=changes.get("plan_code", "PRO_MONTHLY"))
            await self.run(SUCCEED, payment, period)
        return payment, period


def span(start: float, end: float) -> asyncpg.Range:
    return asyncpg.Range(START + timedelta(days=start), START + timedelta(days=end))


@pytest.fixture
async def rows(
    settings: Settings,
    database: Database,  # noqa: ARG001 (emptied before the first row)
) -> AsyncIterator[Rows]:
    connection = await asyncpg.connect(settings.database_url)
    for user in (USER, OTHER_USER):
        await connection.execute("INSERT INTO subscriptions (user_id) VALUES ($1)", user)
    yield Rows(connection)
    await connection.close()


def refused_by(constraint: str) -> pytest.RaisesExc[asyncpg.IntegrityConstraintViolationError]:
    return pytest.raises(
        asyncpg.IntegrityConstraintViolationError, check=lambda error: error.constraint_name == constraint
    )


async def test_a_paid_payment_with_its_period_is_accepted(rows: Rows) -> None:
    payment, period = await rows.paid()

    assert await rows.connection.fetchval("SELECT period_id FROM payments WHERE id = $1", payment) == period


async def test_a_payment_never_has_two_periods(rows: Rows) -> None:
    payment, _ = await rows.paid()

    with refused_by("uq_subscription_periods_payment_id"):
        await rows.period(payment, span=span(30, 60))


@pytest.mark.parametrize(
    "changes",
    [{"days": 31, "span": span(0, 31)}, {"plan_code": "PRO_YEARLY"}, {"user_id": OTHER_USER}],
    ids=["days", "plan", "user"],
)
async def test_a_period_is_of_its_payments_own_terms(rows: Rows, changes: dict[str, Any]) -> None:
    payment = await rows.payment()

    with refused_by("fk_subscription_periods_payment_terms"):
        await rows.period(payment, **changes)


@pytest.mark.parametrize("is_test", [True, False])
async def test_a_period_is_of_its_payments_own_kind_of_shop(rows: Rows, is_test: bool) -> None:
    payment, period = await rows.paid(is_test=is_test)

    assert await rows.connection.fetchrow("SELECT is_test, chain FROM subscription_periods") == (
        is_test,
        "test" if is_test else "live",
    )
    with refused_by("fk_subscription_periods_payment_terms"):
        await rows.run("UPDATE subscription_periods SET is_test = NOT is_test WHERE id = $1", period)
    with refused_by("fk_subscription_periods_payment_terms"):
        await rows.run("UPDATE payments SET is_test = NOT is_test WHERE id = $1", payment)


@pytest.mark.parametrize(
    "term", ["duration_days = 365", "plan_code = 'PRO_YEARLY'", "user_id = 1002", "is_test = false"]
)
async def test_terms_cannot_be_changed_once_they_were_granted(rows: Rows, term: str) -> None:
    payment, _ = await rows.paid()

    with refused_by("fk_subscription_periods_payment_terms"):
        await rows.run(f"UPDATE payments SET {term} WHERE id = $1", payment)  # noqa: S608


async def test_a_payment_never_succeeds_without_its_period(rows: Rows) -> None:
    payment = await rows.payment()

    with refused_by("ck_payments_paid_has_its_period"):
        await rows.run(SUCCEED, payment, None)


async def test_a_payment_never_succeeds_on_anothers_period(rows: Rows) -> None:
    payment = await rows.payment()
    _, period_of_other = await rows.paid()

    with refused_by("fk_payments_period_of_this_payment"):
        await rows.run(SUCCEED, payment, period_of_other)


async def test_a_payment_that_did_not_succeed_has_no_period(rows: Rows) -> None:
    payment = await rows.payment()

    with refused_by("ck_payments_period_is_paid"):
        async with rows.connection.transaction():
            period = await rows.period(payment)
            await rows.run("UPDATE payments SET period_id = $2 WHERE id = $1", payment, period)


async def test_a_payment_that_did_not_succeed_is_no_cause_of_a_period(rows: Rows) -> None:
    payment = await rows.payment()

    with refused_by("fk_subscription_periods_payment_is_paid"):
        await rows.period(payment)


@pytest.mark.parametrize("status", ["PENDING", "CANCELED", "FAILED"])
async def test_a_success_whose_days_were_granted_is_never_taken_back(rows: Rows, status: str) -> None:
    payment, _ = await rows.paid()

    with refused_by("fk_subscription_periods_payment_is_paid"):
        await rows.run("UPDATE payments SET status = $2, period_id = NULL WHERE id = $1", payment, status)


async def test_no_plan_is_too_long_to_be_granted(rows: Rows) -> None:
    with refused_by("ck_subscription_plans_duration_within_a_century"):
        await rows.run("UPDATE subscription_plans SET duration_days = 4000000 WHERE code = 'PRO_YEARLY'")


async def test_a_period_that_was_paid_for_cannot_be_deleted(rows: Rows) -> None:
    await rows.paid()

    with refused_by("fk_payments_period_of_this_payment"):
        await rows.run("DELETE FROM subscription_periods")


async def test_an_imported_success_needs_no_period_of_its_own(rows: Rows) -> None:
    await rows.payment(status="SUCCEEDED", imported=True)


async def test_spans_of_a_user_never_overlap(rows: Rows) -> None:
    await rows.period()

    with refused_by("ex_subscription_periods_no_overlap"):
        await rows.period(span=span(29.999, 59.999))


async def test_spans_of_the_two_kinds_of_shop_stand_beside_each_other(rows: Rows) -> None:
    await rows.paid(is_test=True)
    await rows.paid(is_test=False)

    await rows.paid(is_test=False, plan_code="TEST_LIVE")


@pytest.mark.parametrize("is_test", [True, False])
async def test_spans_of_one_kind_of_shop_never_overlap(rows: Rows, is_test: bool) -> None:
    await rows.paid(is_test=is_test)

    with refused_by("ex_subscription_periods_no_overlap"):
        await rows.paid(is_test=is_test)


async def test_spans_may_touch_and_users_are_strangers(rows: Rows) -> None:
    await rows.period()

    await rows.period(span=span(30, 60))
    await rows.period(user_id=OTHER_USER)


async def test_spans_may_cross_while_they_are_laid_anew(rows: Rows) -> None:
    await rows.period()
    later = await rows.period(span=span(30, 60))

    async with rows.connection.transaction():
        await rows.run("UPDATE subscription_periods SET span = $2 WHERE id = $1", later, span(10, 40))
        await rows.run(
            "UPDATE subscription_periods SET span = $2, cut = '20 days' WHERE id <> $1", later, span(0, 10)
        )


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"cause": "gift"}, "ck_subscription_periods_cause_known"),
        ({"author": None}, "ck_subscription_periods_grant_has_author_and_reason"),
        ({"reason": None}, "ck_subscription_periods_grant_has_author_and_reason"),
        (
            {"cause": "payment", "author": None, "reason": None},
            "ck_subscription_periods_payment_is_the_cause",
        ),
        ({"cause": "import"}, "ck_subscription_periods_grant_has_author_and_reason"),
    ],
)
async def test_a_period_has_exactly_one_cause(rows: Rows, changes: dict[str, Any], constraint: str) -> None:
    with refused_by(constraint):
        await rows.period(**changes)


@pytest.mark.parametrize("payment_is_the", ["grant", "import"])
async def test_a_payment_is_no_other_cause(rows: Rows, payment_is_the: str) -> None:
    payment = await rows.payment()
    told = {"author": "support", "reason": "sorry"} if payment_is_the == "grant" else {}

    with refused_by("ck_subscription_periods_payment_is_the_cause"):
        await rows.period(payment, cause=payment_is_the, **told)


@pytest.mark.parametrize(
    "laid",
    [
        span(0, 31),
        span(0, 29),
        asyncpg.Range(empty=True),
    ],
    ids=["longer", "shorter", "nothing"],
)
async def test_nobody_edits_an_end_date(rows: Rows, laid: asyncpg.Range) -> None:
    period = await rows.period()

    with refused_by("ck_subscription_periods_span_is_days_less_cut"):
        await rows.run("UPDATE subscription_periods SET span = $2 WHERE id = $1", period, laid)


@pytest.mark.parametrize("cut", [timedelta(0), timedelta(days=30)])
@pytest.mark.parametrize("ends", [(START, None), (None, START), (None, None)])
async def test_no_access_is_without_an_end(
    rows: Rows, cut: timedelta, ends: tuple[datetime | None, datetime | None]
) -> None:
    with refused_by("ck_subscription_periods_span_has_both_ends"):
        await rows.period(cut=cut, span=asyncpg.Range(*ends))


async def test_a_cut_shortens_the_span_by_itself(rows: Rows) -> None:
    period = await rows.period()

    for cut, laid in ((timedelta(days=10), span(0, 20)), (timedelta(days=30), asyncpg.Range(empty=True))):
        await rows.run("UPDATE subscription_periods SET cut = $2, span = $3 WHERE id = $1", period, cut, laid)


async def test_a_cut_never_lengthens_a_span(rows: Rows) -> None:
    with refused_by("ck_subscription_periods_cut_not_negative"):
        await rows.period(cut=timedelta(days=-1), span=span(0, 31))


async def test_an_idempotency_key_means_one_payment(rows: Rows) -> None:
    await rows.payment(idempotency_key="wish")

    with refused_by("uq_payments_idempotency_key"):
        await rows.payment(idempotency_key="wish")


async def test_a_key_belongs_to_its_caller_user_and_route(rows: Rows) -> None:
    await rows.payment(idempotency_key="wish")

    for changes in ({"caller": "trainer"}, {"user_id": OTHER_USER}, {"route": "bind-card"}):
        await rows.payment(idempotency_key="wish", **changes)
    await rows.payment()
    await rows.payment()


async def test_a_provider_payment_is_one_row(rows: Rows) -> None:
    await rows.payment(yookassa_payment_id="30f5d918-000f-5000-8000-18db351245c7")

    with refused_by("uq_payments_yookassa_payment_id"):
        await rows.payment(yookassa_payment_id="30f5d918-000f-5000-8000-18db351245c7")


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"amount": 0}, "ck_payments_amount_positive"),
        ({"amount": -299}, "ck_payments_amount_positive"),
        ({"currency": "rub"}, "ck_payments_currency_code"),
        ({"currency": "RUBL"}, "ck_payments_currency_code"),
        ({"status": "PAID"}, "ck_payments_status_known"),
        ({"purpose": "TIP"}, "ck_payments_purpose_known"),
        ({"plan_code": None}, "ck_payments_plan_terms_frozen"),
        ({"duration_days": None}, "ck_payments_plan_terms_frozen"),
        ({"duration_days": 0}, "ck_payments_plan_terms_frozen"),
        ({"plan_code": "GOLD"}, "fk_payments_plan_code"),
        ({"user_id": 404}, "fk_payments_user_id"),
        ({"status": "CANCELED", "request_body": b"sealed"}, "ck_payments_request_erased_once_known"),
    ],
)
async def test_a_payment_makes_sense(rows: Rows, changes: dict[str, Any], constraint: str) -> None:
    with refused_by(constraint):
        await rows.payment(**changes)


async def test_a_notification_is_one_row_however_often_it_comes(rows: Rows) -> None:
    told = {
        "event_id": "payment.succeeded:30f5d918:succeeded",
        "event_type": "payment.succeeded",
        "payment_id": "30f5d918",
        "trace_id": "",
        "raw_payload": "{}",
        "client_ip": "185.71.76.5",
    }
    await rows.insert("webhook_logs", told)

    with refused_by("uq_webhook_logs_event_id"):
        await rows.insert("webhook_logs", told)


async def test_used_photos_are_never_below_zero(rows: Rows) -> None:
    with refused_by("ck_daily_usage_requests_not_negative"):
        await rows.run(
            "INSERT INTO daily_usage (user_id, date, photo_ai_requests) VALUES (1, '2026-11-21', -1)"
        )
