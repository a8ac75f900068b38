"""What a refund takes of access it takes once, and nothing besides."""

from typing import Any
from uuid import UUID

from billing_service.kit.db import Database
from billing_service.provider_calls.kinds import settle
from billing_service.refunds.calls import REFUNDS
from billing_service.services import Services
from tests.ledger import value
from tests.stage import MainBackend

TAKEN = "SELECT extract(epoch FROM cut)::int FROM subscription_periods"


async def test_a_refund_that_is_reported_again_takes_nothing_more(
    api: MainBackend, services: Services, database: Database, paid: dict[str, Any]
) -> None:
    made = (await api.refund(paid, "100.00", access="cut_prorata")).json()
    seen = await services.yookassa.get_refund(await value(database, "SELECT yookassa_refund_id FROM refunds"))

    for _ in range(2):
        await settle(services, REFUNDS, UUID(made["refund_id"]), seen)

    assert await value(database, TAKEN) == 30 * 86400 * 100 // 299


async def test_a_part_that_takes_its_days_leaves_auto_renewal_on(
    api: MainBackend, services: Services, database: Database, paid: dict[str, Any]
) -> None:
    await services.statements.fetch("UPDATE subscriptions SET auto_renew = true")

    await api.refund(paid, "100.00", access="cut_prorata")

    assert await value(database, "SELECT auto_renew FROM subscriptions") is True
