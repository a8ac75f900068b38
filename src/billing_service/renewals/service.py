"""The user's wish that his subscription goes on by itself, and what he is shown of it."""

from dataclasses import dataclass
from uuid import UUID

import structlog

from billing_service.config import Settings
from billing_service.consents import service as consents
from billing_service.consents.models import Consent
from billing_service.kit.transaction import Transaction
from billing_service.outlooks.decision import Outlook, Rules
from billing_service.outlooks.service import look_at
from billing_service.payment_methods import service as payment_methods
from billing_service.payment_methods.models import PaymentMethod
from billing_service.payment_methods.queries import Charge
from billing_service.payments import service as payments
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from billing_service.subscriptions.service import Standing
from billing_service.web.errors.renewals import (
    ConsentRequired,
    NotAvailableForFree,
    PaymentMethodRequired,
    RecurringDisabled,
)

log = structlog.get_logger()


@dataclass(frozen=True)
class Overview:
    """What a user is shown: his access, what would be charged and when, or why nothing is.

    `in_flight` is a charge that may have left before auto-renewal was switched off just now."""

    standing: Standing
    method: PaymentMethod | None
    available: bool
    enabled: bool
    outlook: Outlook
    in_flight: Charge | None = None


async def get_overview(services: Services, user_id: int, in_flight: Charge | None = None) -> Overview:
    """Never writes; a user we have never seen is on FREE."""
    available = services.settings.billing_recurring_enabled
    async with services.db.begin() as session:
        standing = await subscriptions.get_standing(session, user_id)
        method = await payment_methods.get_active(session, services.settings, user_id)
        enabled = available and await subscriptions.renews(session, user_id)
    async with services.statements.transaction() as tx:
        looked = await look_at(tx, services, user_id)
    return Overview(standing, method, available, enabled, looked.outlook, in_flight)


async def switch(services: Services, user_id: int, *, on: bool) -> Charge | None:
    """Store the wish, and when it was last switched on. A repeat changes nothing.

    Switching off is never refused, also while renewals are off. Switching on needs a plan to renew, a method to charge
    and a consent that covers the plan at its price of now; none of them switches it on by itself. Answers a charge that
    may have left already: it gives its days, and when it was switched off, it goes back with them. Raises
    `RecurringDisabled`, `NotAvailableForFree`, `PaymentMethodRequired` or `ConsentRequired`, all of them for switching
    on.
    """
    if on and not services.settings.billing_recurring_enabled:
        raise RecurringDisabled
    in_flight = await services.statements.turns.take(
        user_id, lambda tx: _switch(tx, services.settings, user_id, on=on)
    )
    log.info("autorenew.switched", user_id=user_id, on=on)
    return in_flight


async def withdraw(services: Services, user_id: int, consent_id: UUID) -> tuple[Consent, Charge | None]:
    """Take one consent back: auto-renewal goes off, the card is kept. A second time changes nothing.

    Answers a charge that may have left already, too: it gives its days and goes back with them. Raises
    `ConsentNotFound`, also for somebody else's.
    """

    async def take_back(tx: Transaction) -> tuple[Consent, Charge | None]:
        await subscriptions.lock(tx, user_id)
        consent = await consents.withdraw(tx, user_id, consent_id)
        charge = await payment_methods.get_in_flight(tx, user_id)
        # Of a charge that he has agreed to since, a second time takes nothing back.
        return consent, charge if charge and await payments.goes_back(tx, charge.id) else None

    return await services.statements.turns.take(user_id, take_back)


async def _switch(tx: Transaction, settings: Settings, user_id: int, *, on: bool) -> Charge | None:
    await subscriptions.lock(tx, user_id)
    if not on:
        await subscriptions.stop_renewing(tx, user_id)
        return await payment_methods.get_in_flight(tx, user_id)
    if not await subscriptions.had_pro_within(tx, user_id, Rules.of(settings).grace):
        raise NotAvailableForFree
    if not await payment_methods.is_any_active(tx, settings, user_id):
        raise PaymentMethodRequired
    if await consents.get_valid(tx, user_id) is None:
        raise ConsentRequired
    await subscriptions.start_renewing(tx, user_id)
    return None
