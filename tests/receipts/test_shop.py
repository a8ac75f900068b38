"""Whether receipts are demanded is YooKassa's word, asked at start and daily; what they say must be known then."""

from dataclasses import replace

import pytest

from billing_service.config import UnsafeSettings
from billing_service.receipts import shop
from billing_service.receipts.demand import Demand, Told, demand
from billing_service.services import Services
from tests.payments.test_live_test_payment import selling_live
from tests.stage import BackOffice, Clock

FISCAL, PLAIN, NEVER_ASKED = Told(enabled=True), Told(enabled=False), Told()
UNDESCRIBED = {"billing_env": "prod", "receipt_tax_system_code": None, "receipt_vat_codes": ()}


async def holding(services: Services) -> Demand:
    async with services.statements.transaction() as tx:
        return await shop.get_demand(tx, services.settings)


@pytest.mark.parametrize(
    ("mode", "told", "holds"),
    [
        ("auto", FISCAL, Demand.DEMANDED),
        ("auto", PLAIN, Demand.OFF),
        ("auto", NEVER_ASKED, Demand.OFF),
        ("off", FISCAL, Demand.OFF),
        ("npd", FISCAL, Demand.NPD),
        ("npd", PLAIN, Demand.NPD),
    ],
)
def test_what_holds(services: Services, mode: str, told: Told, holds: Demand) -> None:
    assert demand(services.settings.model_copy(update={"receipts_mode": mode}), told) is holds


async def test_a_switch_in_the_sandbox_is_noticed_within_a_minute(
    services: Services, office: BackOffice, clock: Clock
) -> None:
    await shop.ask_when_due(services)
    before = await holding(services)
    await office.call("PUT", "/shop", {"fiscalization": True})

    await clock.advance(seconds=40)
    await shop.ask_when_due(services)

    assert (before, await holding(services)) == (Demand.OFF, Demand.DEMANDED)


async def test_a_shop_at_yookassa_is_asked_once_a_day(
    services: Services, office: BackOffice, clock: Clock
) -> None:
    live = selling_live(services)
    live = replace(live, settings=live.settings.model_copy(update={"billing_env": "prod"}))
    await office.call("PUT", "/shop", {"test": False})
    for _ in range(3):
        await shop.ask_when_due(live)
    once = len(await office.creations("get_me"))

    await clock.advance(hours=24, seconds=1)
    await shop.ask_when_due(live)

    assert (once, len(await office.creations("get_me"))) == (1, 2)


async def test_while_yookassa_is_away_what_it_said_last_holds(
    services: Services, office: BackOffice, clock: Clock
) -> None:
    await office.call("PUT", "/shop", {"fiscalization": True})
    await shop.ask(services)
    await office.call("PUT", "/faults", [{"operation": "get_me", "fault": "error_500"}])
    await clock.advance(days=2)

    await shop.ask_when_due(services)
    await shop.refuse_unready(services)

    assert await holding(services) is Demand.DEMANDED


async def test_the_account_of_another_shop_says_nothing_of_ours(
    services: Services, office: BackOffice
) -> None:
    await office.call("PUT", "/shop", {"fiscalization": True, "test": False})

    assert await shop.ask(services) is None
    assert await holding(services) is Demand.OFF


async def test_a_shop_that_demands_what_nobody_has_described_is_refused_at_start(
    services: Services, office: BackOffice
) -> None:
    settings = services.settings.model_copy(update=UNDESCRIBED)
    undescribed = replace(services, settings=settings)
    await shop.refuse_unready(undescribed)
    await office.call("PUT", "/shop", {"fiscalization": True})

    with pytest.raises(UnsafeSettings, match="RECEIPT_TAX_SYSTEM_CODE and RECEIPT_VAT_CODES"):
        await shop.refuse_unready(undescribed)
    await shop.refuse_unready(services)
