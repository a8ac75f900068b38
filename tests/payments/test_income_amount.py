"""What the provider's fee leaves of a payment is kept with it; nothing is decided by it."""

from decimal import Decimal

import pytest

from billing_service.kit.db import Database
from billing_service.services import Services
from tests.ledger import days_granted, rows, value
from tests.payments.test_settlement import settle_it
from tests.stage import USER, BackOffice, MainBackend, buy_and_pay
from tests.stories.silence import walk_to_the_end

KEPT = "SELECT amount, income_amount FROM payments"


async def test_what_the_fee_leaves_is_kept_when_the_payment_is_settled(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await buy_and_pay(api, office, services)

    assert await rows(database, KEPT) == [{"amount": Decimal("299.00"), "income_amount": Decimal("288.54")}]


async def test_a_later_walk_brings_what_was_not_told_at_first_and_changes_nothing_else(
    api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    await buy_and_pay(api, office, services)
    async with database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE payments SET income_amount = NULL")

    await walk_to_the_end(services)

    assert await value(database, "SELECT income_amount FROM payments") == Decimal("288.54")
    assert await days_granted(database, USER) == 30


@pytest.mark.parametrize(
    "told",
    [None, {"value": "1.00", "currency": "USD"}, {"value": "much", "currency": "RUB"}, "something new"],
)
async def test_a_report_that_does_not_say_it_takes_nothing_away(
    told: object, api: MainBackend, office: BackOffice, services: Services, database: Database
) -> None:
    payment = await buy_and_pay(api, office, services)
    seen = await services.yookassa.get_payment(payment["yookassa_payment_id"])
    other = type(seen).model_validate(
        seen.model_dump(exclude={"income_amount", "account_id"})
        | {
            "recipient": {"account_id": seen.account_id},
            "income_amount": told,
            "amount": {"value": "299.00", "currency": "RUB"},
        }
    )

    settled = await settle_it(services, payment["payment_id"], other)

    assert settled.refused_because == ()
    assert await value(database, "SELECT income_amount FROM payments") == Decimal("288.54")


async def test_the_payer_is_not_told_what_the_fee_was(
    api: MainBackend, office: BackOffice, services: Services
) -> None:
    payment = await buy_and_pay(api, office, services)

    assert "288.54" not in (await api.get(f"payments/{payment['payment_id']}/")).text
    assert "288.54" not in (await api.get("payments/")).text
