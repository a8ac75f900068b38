"""Begin to bind a card without a payment: one binding for one wish, whatever is repeated."""

import hashlib
import json
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import structlog

from billing_service.config import Settings
from billing_service.consents import service as consents
from billing_service.consents.service import Word
from billing_service.kit.crypto import Vault
from billing_service.kit.payer import Payer
from billing_service.kit.transaction import Transaction
from billing_service.payment_methods import binding_queries as queries
from billing_service.payment_methods.binding import FORBIDDEN, OUR_MARK
from billing_service.payment_methods.calls import BINDINGS
from billing_service.payment_methods.keeping import is_shop_able_to_bind
from billing_service.payment_methods.models import CardBinding
from billing_service.payment_methods.states import Binding
from billing_service.plans import service as plans
from billing_service.provider_calls.sending import LEASE, Claim
from billing_service.provider_calls.waiting import sent_in_time
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from billing_service.web.errors.payments import YookassaRejected, YookassaUnavailable
from billing_service.web.errors.renewals import CardBindingNotAvailable, ConsentRequired
from billing_service.web.errors.requests import IdempotencyKeyReused
from billing_service.yookassa.request_bodies import new_binding_body

log = structlog.get_logger()

# Its page lives for an hour, as a payment's does.
YOUNG = timedelta(minutes=45)


@dataclass(frozen=True)
class Wish:
    """What somebody asked for; `consent_version` is the document that the user agrees to along with it."""

    user_id: int
    caller: str
    payer: Payer
    consent_version: str | None
    idempotency_key: str | None

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(json.dumps([self.consent_version]).encode()).hexdigest()


async def start(services: Services, wish: Wish) -> CardBinding:
    """A binding with a page on which its owner confirms the card. Nothing is charged, and auto-renewal stays as it is.

    The same `Idempotency-Key` gives the same binding; without one, an open one is handed out again. Raises
    `CardBindingNotAvailable`, `ConsentRequired`, `IdempotencyKeyReused`, `YookassaRejected` or, after 8 s at most,
    `YookassaUnavailable`: then it goes on, and asking again continues the same binding.
    """
    if not services.settings.billing_recurring_enabled:
        raise CardBindingNotAvailable
    binding, claim = await services.statements.turns.take(
        wish.user_id, lambda tx: _binding_meant(tx, services.settings, wish)
    )
    if binding.id_digest is None and binding.state is Binding.PENDING:
        unavailable = YookassaUnavailable({"payment_id": str(binding.id)})
        if not binding.is_of_shop(services.settings):
            raise unavailable
        binding = await sent_in_time(services, BINDINGS, binding.id, claim, unavailable)
    if binding.state is Binding.FAILED and binding.provider_error_code == FORBIDDEN:
        raise CardBindingNotAvailable
    if binding.state is Binding.FAILED:
        raise YookassaRejected({"payment_id": str(binding.id)})
    return binding


async def _binding_meant(
    tx: Transaction, settings: Settings, wish: Wish
) -> tuple[CardBinding, Claim[CardBinding] | None]:
    """Found by its key or still open, or inserted, and then claimed by us."""
    await subscriptions.lock(tx, wish.user_id)
    new = _binding_for(settings, wish)
    met = await queries.get_situation(tx, new, young=YOUNG)
    if met.known:
        if met.known.request_fingerprint != wish.fingerprint:
            raise IdempotencyKeyReused
        return met.known, None
    if not await is_shop_able_to_bind(tx, settings):
        raise CardBindingNotAvailable
    new.consent_id = await _consented(tx, wish)
    if met.open:
        await queries.set_consent(tx, met.open.id, new.consent_id)
        return met.open, None
    made = await queries.insert_claimed(tx, new, lease=LEASE)
    log.info("binding.started", binding_id=made.id, user_id=wish.user_id)
    return made, Claim.of_new(made)


def _binding_for(settings: Settings, wish: Wish) -> CardBinding:
    binding = CardBinding(
        id=uuid4(),
        user_id=wish.user_id,
        shop_id=settings.shop_id,
        is_test=settings.shop_is_test,
        caller=wish.caller,
        idempotency_key=wish.idempotency_key,
        request_fingerprint=wish.fingerprint,
        return_url=settings.yookassa_return_url,
    )
    metadata = {OUR_MARK: str(binding.id), "user_id": str(wish.user_id)}
    body = new_binding_body(return_url=binding.return_url, metadata=metadata)
    binding.request_body = Vault(settings.billing_encryption_keys).seal(body)
    return binding


async def _consented(tx: Transaction, wish: Wish) -> UUID:
    """The consent it is made under. One that comes along is for the plan that he has agreed to before, another card for
    the same; else for the one that he had last: there is no other."""
    if wish.consent_version is None:
        recent = await consents.get_recent(tx, wish.user_id)
        if recent is None:
            raise ConsentRequired
        return recent.id
    agreed = await consents.get_plan_agreed_to(tx, wish.user_id)
    code = agreed or await subscriptions.get_last_plan(tx, wish.user_id)
    plan = await plans.get_for_sale(tx, code) if code else None
    if plan is None:
        raise ConsentRequired
    word = Word(wish.user_id, wish.consent_version, wish.caller, wish.payer)
    return (await consents.record(tx, word, plan, given_with="binding")).id
