"""Show what could be charged, and take it away for good."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.audit import service as audit
from billing_service.audit.service import Deed
from billing_service.config import Settings
from billing_service.consents import service as consents
from billing_service.kit.payer import Payer
from billing_service.kit.transaction import Transaction
from billing_service.payment_methods import binding_queries, queries
from billing_service.payment_methods.models import PaymentMethod, Refusal
from billing_service.payment_methods.queries import Charge
from billing_service.payment_methods.sealing import digests
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions

log = structlog.get_logger()


async def get_active(session: AsyncSession, settings: Settings, user_id: int) -> PaymentMethod | None:
    """What renewals would charge, in the shop that we are configured for."""
    return await queries.get_active_of(
        session, user_id, shop_id=settings.shop_id, is_test=settings.shop_is_test
    )


async def is_any_active(tx: Transaction, settings: Settings, user_id: int) -> bool:
    """Whether there is something that renewals could charge."""
    return await queries.is_any_active(tx, user_id, shop_id=settings.shop_id, is_test=settings.shop_is_test)


async def find_digest(services: Services, method_id: str) -> str:
    """What stands for this id of the provider's in our rows: by the key that a binding has it by, else by the first."""
    by_every_key = digests(services.settings, method_id)
    async with services.statements.transaction() as tx:
        return await binding_queries.get_stored_digest(tx, by_every_key) or by_every_key[0]


async def get_in_flight(tx: Transaction, user_id: int) -> Charge | None:
    """A charge of this user's that may have left already; it is settled as ever. The caller holds the user's lock."""
    charges = await queries.lock_open_charges(tx, user_id)
    return next((charge for charge in charges if charge.may_have_left), None)


@dataclass(frozen=True)
class Receipt:
    """A user's word that nothing of his is charged again. `in_flight` may have been sent before: it is asked about."""

    id: UUID
    refused_at: datetime
    in_flight: Charge | None


async def refuse(
    services: Services, *, user_id: int, caller: str, payer: Payer, deed: Deed | None = None
) -> Receipt:
    """At once and for good: no method that this user has had can be charged any more.

    Auto-renewal goes off, everything he agreed to is withdrawn, so that a card he pays with later under an older
    consent is not kept, and a charge that was not sent yet ends. Also for a user without a method, whose checkout may
    be open. A second time, when there is nothing left to refuse, answers the same receipt.
    `deed`: an operator passes the user's word on, which is written down with it.
    """

    async def act(tx: Transaction) -> Receipt:
        receipt = await _refuse(tx, user_id=user_id, caller=caller, payer=payer)
        if deed is not None:
            details = {"receipt_id": str(receipt.id)}
            await audit.record(tx, "payment_method.refused", deed, user_id=user_id, details=details)
        return receipt

    return await services.statements.turns.take(user_id, act)


async def _refuse(tx: Transaction, *, user_id: int, caller: str, payer: Payer) -> Receipt:
    """Locks the user's money, then the charges, then the methods: as whoever inserts a charge does."""
    await subscriptions.lock(tx, user_id)
    charges = await queries.lock_open_charges(tx, user_id)
    in_flight = next((charge for charge in charges if charge.may_have_left), None)
    await queries.stop_sending(tx, [charge.id for charge in charges])
    refused = await queries.refuse_all(tx, user_id)
    withdrawn = await consents.withdraw_all(tx, user_id)
    await subscriptions.stop_renewing(tx, user_id)
    last = await queries.get_last_refusal(tx, user_id)
    if last is None or refused or withdrawn:
        last = await queries.insert_refusal(
            tx,
            Refusal(
                user_id=user_id,
                caller=caller,
                payer_ip=payer.ip,
                payer_agent=payer.agent,
                charge_payment_id=in_flight and in_flight.id,
            ),
        )
    log.info("payment_method.refused", user_id=user_id, receipt_id=last.id, methods=refused)
    return Receipt(last.id, last.refused_at, in_flight)
