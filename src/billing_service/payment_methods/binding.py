"""Settle: apply the provider's word about a binding, once, and keep what its owner has confirmed."""

from dataclasses import dataclass
from uuid import UUID

import structlog

from billing_service.alarms import service as alarms
from billing_service.config import Settings
from billing_service.kit.alarms import Alarm
from billing_service.kit.transaction import Transaction
from billing_service.kit.transitions import ImpossibleMove
from billing_service.payment_methods import binding_queries as queries
from billing_service.payment_methods.keeping import Offer, keep, mark_shop_unable_to_bind, offer
from billing_service.payment_methods.models import CardBinding
from billing_service.payment_methods.sealing import SealedId, seal
from billing_service.payment_methods.states import Binding, Report
from billing_service.provider_calls.doubt import Doubt
from billing_service.provider_calls.kinds import Settlement
from billing_service.yookassa.errors import Forbidden, Rejected
from billing_service.yookassa.schemas import BoundMethod

log = structlog.get_logger()

OUR_MARK = "billing_binding_id"
# The `provider_error_code` of what the provider never had; it is no refusal.
NEVER_CREATED, FORBIDDEN = "never_created", "forbidden"
KNOWN_STATUSES = frozenset(report.value for report in Report) - {Report.REFUSED.value}


@dataclass(frozen=True)
class Told:
    """What the provider says of a binding; its id is a secret, and `id` stands for it."""

    bound: BoundMethod
    sealed: SealedId

    @property
    def id(self) -> str:
        return self.sealed.digests[0]

    @classmethod
    def of(cls, settings: Settings, bound: BoundMethod) -> "Told":
        return cls(bound, seal(settings, bound.method.id))


async def settle(
    tx: Transaction, settings: Settings, binding_id: UUID, seen: Told
) -> Settlement[CardBinding]:
    """Lock the user's money and the binding, compare, move the state; keep the method once it is active.

    `seen` must have been fetched (or answered) under our own credentials. Safe to repeat and to run in parallel; a
    contradicting report changes nothing and raises an alarm. Whether the method is kept is the user's word of now: one
    who has refused since keeps nothing.
    """
    binding = await queries.lock_with_money(tx, binding_id)
    if wrong := _differences(binding, seen):
        await _alarm(tx, Alarm.REPORTED_OBJECT_MISMATCH, binding, wrong=wrong)
        return Settlement(binding, changed=False, refused_because=wrong)
    before, doubt = binding.state, Doubt.about(binding)
    try:
        changed = binding.move(Report(seen.bound.status))
    except ImpossibleMove:
        await _alarm(tx, Alarm.IMPOSSIBLE_MOVE, binding, status=before, reported=seen.bound.status)
        return Settlement(binding, changed=False, refused_because=("status",))
    _remember(binding, seen)
    if changed and binding.state is Binding.ACTIVE:
        binding.payment_method_id = await keep(tx, _offered(settings, binding, seen))
    saved = await queries.save(tx, binding, seen=True)
    doubt.tell_its_end("binding.doubt_ended", saved, exists=True)
    if changed:
        log.info("binding.settled", user_id=saved.user_id, before=before, after=saved.state)
    return Settlement(saved, changed)


def _offered(settings: Settings, binding: CardBinding, seen: Told) -> Offer | None:
    return offer(
        settings,
        seen.bound.method,
        consent_id=binding.consent_id,
        user_id=binding.user_id,
        shop_id=binding.shop_id,
        is_test=binding.is_test,
    )


def _differences(binding: CardBinding, seen: Told) -> tuple[str, ...]:
    facts = {
        "shop": seen.bound.account_id == binding.shop_id,
        "id": binding.id_digest is None or binding.id_digest in seen.sealed.digests,
        "status": seen.bound.status in KNOWN_STATUSES,
    }
    return tuple(name for name, agrees in facts.items() if not agrees)


def _remember(binding: CardBinding, seen: Told) -> None:
    binding.outcome_unknown, binding.send_lease_until = False, None
    binding.id_digest = binding.id_digest or seen.id
    is_open = binding.state is Binding.PENDING
    binding.sealed_id = seen.sealed.sealed if is_open else None
    # The link may carry the provider's id, which can be charged from now on.
    binding.confirmation_url = (seen.bound.confirmation_url or binding.confirmation_url) if is_open else None


async def refuse(
    tx: Transaction, _settings: Settings, binding: CardBinding, error: Rejected | None
) -> Settlement[CardBinding]:
    """End a locked binding that the provider refused to create or, without an error, never had."""
    if isinstance(error, Forbidden):
        await mark_shop_unable_to_bind(tx, shop_id=binding.shop_id, is_test=binding.is_test)
    binding.provider_error_id = error.error_id if error else None
    binding.provider_error_code = (error.code or FORBIDDEN) if error else NEVER_CREATED
    binding.send_lease_until, binding.outcome_unknown = None, False
    changed = binding.move(Report.REFUSED)
    saved = await queries.save(tx, binding)
    log.warning("binding.refused", binding_id=binding.id, error_id=saved.provider_error_id)
    return Settlement(saved, changed)


async def _alarm(tx: Transaction, kind: Alarm, binding: CardBinding, **facts: object) -> None:
    await alarms.raise_once(tx, kind, binding.id, binding_id=binding.id, user_id=binding.user_id, **facts)
