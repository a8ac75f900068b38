"""A day with more payments and refunds than one page of a list holds, of which some are not the same on both sides."""

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from decimal import Decimal

from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.sandbox.model.objects import Money
from billing_service.sandbox.model.records import PaymentRecord, RefundRecord
from billing_service.sandbox.model.state import State
from billing_service.sandbox.model.states import Status
from tests.ledger import value

PAYMENTS, REFUNDS = 230, 110
ONLY_THEIRS, ONLY_OURS, CHEAPER_HERE, CANCELED_THERE, FOREIGN, GARBLED = (10, 61), (30,), 20, 41, 50, 70
REFUND_ONLY_THEIRS, REFUND_ONLY_OURS, REFUND_STILL_OPEN = 5, 80, 90
MADE_LONG_BEFORE = (0, 1)
BEGINS = """
    SELECT date_trunc('day', billing_now() AT TIME ZONE 'Europe/Moscow') AT TIME ZONE 'Europe/Moscow' AS begins
"""
PAID = """
    INSERT INTO payments (id, user_id, plan_code, amount, currency, duration_days, description, purpose, status,
        shop_id, is_test, caller, route, request_fingerprint, return_url, yookassa_payment_id, paid_at, created_at,
        updated_at, period_id)
    SELECT yookassa_id::uuid, 1001, 'PRO_MONTHLY', amount::numeric, 'RUB', 30, '', 'PLAN', 'SUCCEEDED', '100500', true,
        '', '', '', '', yookassa_id, paid_at, paid_at, paid_at, 1
    FROM jsonb_to_recordset($1) AS made (yookassa_id text, amount text, paid_at timestamptz)
"""
RETURNED = """
    INSERT INTO refunds (id, payment_id, amount, currency, made_by, access, access_cut, applied_at, reason, status,
        shop_id, is_test, yookassa_refund_id, completed_at, created_at, updated_at, next_ask_at)
    SELECT yookassa_id::uuid, payment_id::uuid, amount::numeric, 'RUB', 'cabinet', 'keep',
        CASE WHEN is_done THEN interval '0' END, CASE WHEN is_done THEN done_at END, '',
        CASE WHEN is_done THEN 'SUCCEEDED' ELSE 'PENDING' END, '100500', true, yookassa_id,
        CASE WHEN is_done THEN done_at END, done_at, done_at, done_at
    FROM jsonb_to_recordset($1) AS made (
        yookassa_id text, payment_id text, amount text, is_done boolean, done_at timestamptz
    )
"""
# What a comparison must find: each of these, and nothing else.
GAPS = 9


def payment_id(number: int) -> str:
    return f"2fc4a1de-000f-5000-9000-{number:012x}"


def refund_id(number: int) -> str:
    return f"2fc4a1de-0015-5000-a000-{number:012x}"


class GarbledList(httpx.AsyncBaseTransport):
    """A provider in whose list one payment looks like nothing we know."""

    def __init__(self, provider: httpx.AsyncBaseTransport) -> None:
        self.provider = provider

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        response = await self.provider.handle_async_request(request)
        if request.url.path != "/v3/payments":
            return response
        page = json.loads(await response.aread())
        for item in page["items"]:
            if item["id"] == payment_id(GARBLED):
                item["created_at"] = None
        return httpx.Response(200, json=page, request=request)


async def fill(database: Database, state: State, model: PaymentRecord, refund: RefundRecord) -> timedelta:
    """Today, on both sides, with objects like these; answers how long it still takes until that day is settled."""
    begins: datetime = await value(database, BEGINS)
    paid = [_pay(state, model, number, begins) for number in range(PAYMENTS)]
    returned = [_return(state, refund, number, begins) for number in range(REFUNDS)]
    # It lists in the order in which it remembers.
    state.payments = dict(sorted(state.payments.items(), key=lambda item: item[1].payment.created_at))
    state.refunds = dict(sorted(state.refunds.items(), key=lambda item: item[1].refund.created_at))
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("SET session_replication_role = replica")
        await connection.exec_driver_sql(PAID, (json.dumps(_without(paid, (*ONLY_THEIRS, FOREIGN))),))
        await connection.exec_driver_sql(RETURNED, (json.dumps(_without(returned, (REFUND_ONLY_THEIRS,))),))
        await connection.exec_driver_sql("SET session_replication_role = origin")
    now: datetime = await value(database, "SELECT billing_now()")
    return begins + timedelta(hours=27) - now


def _without(rows: list[dict[str, object]], numbers: Collection[int]) -> list[dict[str, object]]:
    return [row for number, row in enumerate(rows) if number not in numbers]


def _pay(state: State, model: PaymentRecord, number: int, begins: datetime) -> dict[str, object]:
    """Two in each instant; each is paid within the next hour, so that parts by either time do not agree."""
    created = begins + number // 2 * timedelta(minutes=12)
    paid = created + number % 7 * timedelta(minutes=9)
    if number in MADE_LONG_BEFORE:
        created -= timedelta(hours=5)
    record = model.model_copy(deep=True)
    record.payment.id, record.payment.created_at, record.payment.captured_at = (
        payment_id(number),
        created,
        paid,
    )
    record.payment.refunded_amount = None
    record.payment.metadata = {} if number == FOREIGN else model.payment.metadata
    if number == CANCELED_THERE:
        record.payment.status = Status.CANCELED
    if number not in ONLY_OURS:
        state.payments[record.payment.id] = record
    amount = "298.99" if number == CHEAPER_HERE else "299.00"
    return {"yookassa_id": record.payment.id, "amount": amount, "paid_at": paid.isoformat()}


def _return(state: State, model: RefundRecord, number: int, begins: datetime) -> dict[str, object]:
    created = begins + number * timedelta(minutes=12)
    record = model.model_copy(deep=True)
    record.refund.id, record.refund.payment_id = refund_id(number), payment_id(number + 100)
    record.refund.created_at = created - timedelta(days=4) if number in MADE_LONG_BEFORE else created
    record.refund.amount = Money(value=Decimal("10.00"), currency="RUB")
    if number != REFUND_ONLY_OURS:
        state.refunds[record.refund.id] = record
    done_at = created + number % 5 * timedelta(minutes=11)
    return {
        "yookassa_id": record.refund.id,
        "payment_id": record.refund.payment_id,
        "amount": "10.00",
        "is_done": number != REFUND_STILL_OPEN,
        "done_at": done_at.isoformat(),
    }
