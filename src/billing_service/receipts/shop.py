"""What YooKassa says of our shop: asked at start and daily, remembered for every process."""

import asyncio
from datetime import timedelta

import structlog

from billing_service.config import Settings, UnsafeSettings
from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.transaction import Transaction
from billing_service.receipts import queries
from billing_service.receipts.demand import Demand, Told, demand, is_configured
from billing_service.services import Services
from billing_service.yookassa.errors import YookassaError

log = structlog.get_logger()

DAILY = timedelta(days=1)
# That shop is switched while somebody looks at it.
OF_THE_SANDBOX = timedelta(seconds=20)
STARTING_WAITS_SECONDS = 2
NOT_CONFIGURED = (
    "the shop demands receipts: set RECEIPT_TAX_SYSTEM_CODE and RECEIPT_VAT_CODES (docs/receipts.md), "
    "or RECEIPTS_MODE"
)


async def get_demand(tx: Transaction, settings: Settings) -> Demand:
    """Which holds for our shop now: receipts are demanded, off, or npd."""
    return demand(settings, (await _told(tx, settings))[0])


async def _told(tx: Transaction, settings: Settings) -> tuple[Told, bool]:
    fresh_for = OF_THE_SANDBOX if settings.is_dev and settings.shop_is_sandbox else DAILY
    return await queries.get_told(tx, settings.shop_id, is_test=settings.shop_is_test, fresh_for=fresh_for)


async def ask(services: Services) -> Told | None:
    """Ask `/me` now, and remember what it says; None for the account of another shop, which tells nothing of ours.

    Raises the client's errors. Safe to repeat.
    """
    settings = services.settings
    account = await services.yookassa.get_me()
    if (account.account_id, account.test) != (settings.shop_id, settings.shop_is_test):
        return None
    said = Told(account.fiscalization_enabled, account.fiscalization_provider)
    async with services.statements.transaction() as tx:
        before, _ = await _told(tx, settings)
        await queries.set_told(
            tx,
            settings.shop_id,
            is_test=settings.shop_is_test,
            enabled=account.fiscalization_enabled,
            provider=said.provider,
        )
    if said != before:
        log.info(
            "shop.fiscalization_learned", enabled=said.enabled, provider=said.provider, before=before.enabled
        )
    return said


async def ask_when_due(services: Services) -> None:
    """Once a day, within half a minute for the sandbox; a shop that did not answer is asked again at the next call."""
    async with services.statements.transaction() as tx:
        _, is_fresh = await _told(tx, services.settings)
    if is_fresh:
        return
    try:
        said = await ask(services)
    except YookassaError as error:
        log.warning("shop.asked_in_vain", outcome=error.outcome, status=error.status)
        return
    if said and demand(services.settings, said) is Demand.DEMANDED and not is_configured(services.settings):
        raise_alarm(Alarm.RECEIPTS_NOT_CONFIGURED, shop_id=services.settings.shop_id)


async def refuse_unready(services: Services) -> None:
    """Ask at start, for a few seconds; without an answer what was said last holds.

    Raises `UnsafeSettings` for a shop that demands receipts of which nobody says what stands in them.
    """
    try:
        async with asyncio.timeout(STARTING_WAITS_SECONDS):
            await ask(services)
    except (YookassaError, TimeoutError) as error:
        log.warning("shop.asked_in_vain", error=type(error).__name__)
    async with services.statements.transaction() as tx:
        holds = await get_demand(tx, services.settings)
    if holds is Demand.DEMANDED and not is_configured(services.settings):
        raise UnsafeSettings(NOT_CONFIGURED)


async def note_refusal(tx: Transaction, settings: Settings) -> None:
    """YooKassa has just refused money, in or out, because it came without a receipt: the shop demands them, whatever
    it said."""
    log.warning("shop.receipts_demanded", shop_id=settings.shop_id)
    await queries.note_demand(tx, settings.shop_id, is_test=settings.shop_is_test)
    if settings.receipts_mode == "auto" and not is_configured(settings):
        tx.once_committed(lambda: raise_alarm(Alarm.RECEIPTS_NOT_CONFIGURED, shop_id=settings.shop_id))
