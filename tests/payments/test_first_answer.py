"""The usual answer to a purchase is kept by one statement; every other one is left to those who settle."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
from structlog.testing import capture_logs

from billing_service.app import create_app
from billing_service.kit.db import Database
from billing_service.payments import queries
from billing_service.payments.calls import PAYMENTS
from billing_service.payments.first_answer import keep
from billing_service.payments.models import Payment
from billing_service.provider_calls.kinds import record
from billing_service.services import Services
from billing_service.yookassa import schemas as yookassa
from tests.gates import behind_a_gate
from tests.ledger import rows, value
from tests.stage import BackOffice, MainBackend

MONTH = {"plan_code": "PRO_MONTHLY"}
KEPT = "SELECT yookassa_payment_id, confirmation_url, outcome_unknown, send_lease_until FROM payments"


def of(value: str, currency: str = "RUB") -> yookassa.Amount:
    return yookassa.Amount.model_validate({"value": value, "currency": currency})


SOMETHING_ELSE: Mapping[str, Mapping[str, object]] = {
    "it is paid": {"status": "succeeded", "paid": True},
    "its money is held": {"status": "waiting_for_capture"},
    "it is canceled": {"status": "canceled"},
    "of another amount": {"amount": of("1.00")},
    "in another currency": {"amount": of("299.00", "USD")},
    "in the live shop": {"test": False},
    "what the fee leaves is known": {"income_amount": of("280.00")},
    "its receipt is known": {"receipt_registration": "succeeded"},
}


@asynccontextmanager
async def while_it_is_asked(services: Services, office: BackOffice) -> AsyncIterator[Payment]:
    """Somebody buys, and the answer is on its way as long as the block lasts."""
    async with (
        behind_a_gate(services, office) as (buyer, answer),
        MainBackend.calling(create_app(buyer.settings, buyer)) as backend,
    ):
        buying = asyncio.create_task(backend.post("create-payment/", MONTH))
        await answer.reached.wait()
        async with services.statements.transaction() as tx:
            row = await tx.row("SELECT id FROM payments WHERE yookassa_payment_id IS NULL")
            sent = await queries.get_payment(tx, (row or {})["id"])
        assert sent is not None
        try:
            yield sent
        finally:
            answer.opened.set()
            await buying


async def made(services: Services, sent: Payment, key: str | None = None) -> yookassa.Payment:
    """What the provider has for it; under another key another object."""
    assert sent.request_body is not None
    body = services.vault.open(sent.request_body)
    return await services.yookassa.create_payment(body, idempotence_key=key or str(sent.id))


async def test_what_waits_to_be_paid_is_kept_once(
    services: Services, office: BackOffice, database: Database
) -> None:
    async with while_it_is_asked(services, office) as sent:
        seen = await made(services, sent)

        settled, again = await keep(services, sent, seen), await keep(services, sent, seen)

        assert settled is not None
        assert (settled.changed, again) == (False, None)
        assert await rows(database, KEPT) == [
            {
                "yookassa_payment_id": seen.id,
                "confirmation_url": seen.confirmation_url,
                "outcome_unknown": False,
                "send_lease_until": None,
            }
        ]


@pytest.mark.parametrize("said", SOMETHING_ELSE.values(), ids=SOMETHING_ELSE)
async def test_an_answer_that_says_anything_else_is_not_kept(
    services: Services, office: BackOffice, database: Database, said: Mapping[str, object]
) -> None:
    async with while_it_is_asked(services, office) as sent:
        seen = (await made(services, sent)).model_copy(update=said)

        assert await keep(services, sent, seen) is None

        assert await value(database, "SELECT yookassa_payment_id FROM payments") is None


@pytest.mark.parametrize(
    "meanwhile",
    [
        "status = 'FAILED', request_body = NULL",
        "send_lease_until = send_lease_until + interval '1 minute'",
        "send_lease_until = NULL",
        "yookassa_payment_id = 'another'",
    ],
)
async def test_an_answer_to_what_is_no_longer_as_it_was_sent_is_not_kept(
    services: Services, office: BackOffice, database: Database, meanwhile: str
) -> None:
    async with while_it_is_asked(services, office) as sent:
        seen = await made(services, sent)
        async with database.engine.begin() as connection:
            await connection.exec_driver_sql(f"UPDATE payments SET {meanwhile}")  # noqa: S608
        before = await rows(database, KEPT)

        assert await keep(services, sent, seen) is None

        assert await rows(database, KEPT) == before


async def test_a_second_object_that_is_answered_takes_no_place_and_is_told_of(
    services: Services, office: BackOffice, database: Database
) -> None:
    with capture_logs() as lines:
        async with while_it_is_asked(services, office) as sent:
            first = await made(services, sent, key="another")
            await record(services, PAYMENTS, sent.id, first)

    assert [line["kind"] for line in lines if line["event"] == "alarm.raised"] == ["second_provider_object"]
    assert await value(database, "SELECT yookassa_payment_id FROM payments") == first.id


async def test_an_object_that_another_payment_has_is_not_kept_and_told_of(
    services: Services, office: BackOffice, api: MainBackend, database: Database
) -> None:
    await api.buy(user=1002)
    with capture_logs() as lines:
        async with while_it_is_asked(services, office) as sent:
            seen = await made(services, sent)
            async with services.statements.transaction() as tx:
                await tx.execute("UPDATE payments SET yookassa_payment_id = $1 WHERE user_id = 1002", seen.id)

    assert [line["kind"] for line in lines if line["event"] == "alarm.raised"] == ["second_provider_object"]
    assert await value(database, "SELECT count(*) FROM payments WHERE yookassa_payment_id IS NULL") == 1
