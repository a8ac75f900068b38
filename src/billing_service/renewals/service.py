"""The user's wish that his subscription goes on by itself, and what he is shown of it."""

from dataclasses import dataclass

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.config import Settings
from billing_service.consents import service as consents
from billing_service.kit.transaction import Transaction
from billing_service.payment_methods import service as payment_methods
from billing_service.payment_methods.models import PaymentMethod
from billing_service.renewals.next_charge import GRACE
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from billing_service.subscriptions.service import Standing
from billing_service.web.errors import (
    ConsentRequired,
    NotAvailableForFree,
    PaymentMethodRequired,
    RecurringDisabled,
)

log = structlog.get_logger()


@dataclass(frozen=True)
class Overview:
    """What a user is shown: his access, what would be charged, and whether it would."""

    standing: Standing
    method: PaymentMethod | None
    available: bool
    enabled: bool


async def get_overview(session: AsyncSession, settings: Settings, user_id: int) -> Overview:
    """Never writes; a user we have never seen is on FREE."""
    available = settings.billing_recurring_enabled
    return Overview(
        standing=await subscriptions.get_standing(session, user_id),
        method=await payment_methods.get_active(session, settings, user_id),
        available=available,
        enabled=available and await subscriptions.renews(session, user_id),
    )


async def switch(services: Services, user_id: int, *, on: bool) -> None:
    """Store the wish, and when it was last switched on. A repeat changes nothing.

    Switching on needs a plan to renew, a method to charge and a consent that covers the plan at its price of now; none
    of them switches it on by itself. Raises `RecurringDisabled`, `NotAvailableForFree`, `PaymentMethodRequired` or
    `ConsentRequired`.
    """
    if not services.settings.billing_recurring_enabled:
        raise RecurringDisabled
    await services.statements.turns.take(user_id, lambda tx: _switch(tx, services.settings, user_id, on=on))
    log.info("autorenew.switched", user_id=user_id, on=on)


async def _switch(tx: Transaction, settings: Settings, user_id: int, *, on: bool) -> None:
    await subscriptions.lock(tx, user_id)
    if not on:
        await subscriptions.stop_renewing(tx, user_id)
        return
    if not await subscriptions.had_pro_within(tx, user_id, GRACE):
        raise NotAvailableForFree
    if not await payment_methods.is_any_active(tx, settings, user_id):
        raise PaymentMethodRequired
    if await consents.get_valid(tx, user_id) is None:
        raise ConsentRequired
    await subscriptions.start_renewing(tx, user_id)
