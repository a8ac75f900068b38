"""Whether what a purchase is paid with will be kept, and by which consent; no sale is refused because it is not."""

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from billing_service.config import Settings
from billing_service.consents import service as consents
from billing_service.consents.service import Word
from billing_service.kit.transaction import Transaction
from billing_service.payment_methods import keeping
from billing_service.payments.orders import Order
from billing_service.plans.models import Plan

Because = Literal["RECURRING_NOT_AVAILABLE", "CONSENT_REQUIRED"]
NOT_AVAILABLE: Because = "RECURRING_NOT_AVAILABLE"
NO_CONSENT: Because = "CONSENT_REQUIRED"


@dataclass(frozen=True)
class Saving:
    """What is decided for an order. `consent_id` was recorded by itself before; None for one that comes along."""

    wanted: bool
    because: Because | None = None
    consent_id: UUID | None = None


async def decide(tx: Transaction, settings: Settings, order: Order, plan: Plan | None) -> Saving:
    """The caller holds the user's lock. What is not available goes before what is missing."""
    if not order.save_payment_method:
        return Saving(wanted=False)
    if not settings.billing_recurring_enabled or plan is None or not await keeping.is_shop_able(tx, settings):
        return Saving(wanted=False, because=NOT_AVAILABLE)
    if order.consent_version is not None:
        return Saving(wanted=True)
    recent = await consents.get_recent(tx, order.user_id, plan)
    if recent is None:
        return Saving(wanted=False, because=NO_CONSENT)
    return Saving(wanted=True, consent_id=recent.id)


async def consented(tx: Transaction, order: Order, plan: Plan, saving: Saving) -> UUID | None:
    """The consent that the purchase is made under, recorded now if it came along; None if nothing is to be kept."""
    if not saving.wanted or saving.consent_id or order.consent_version is None:
        return saving.consent_id
    word = Word(order.user_id, order.consent_version, order.caller, order.payer)
    return (await consents.record(tx, word, plan, given_with="purchase")).id
