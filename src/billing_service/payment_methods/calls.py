"""What a binding is to the machinery of `provider_calls`. Its id there is a secret: a digest stands for it."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from uuid import UUID

from billing_service.kit.transaction import Transaction
from billing_service.payment_methods import binding_queries as queries
from billing_service.payment_methods.binding import OUR_MARK, Told, refuse, settle
from billing_service.payment_methods.models import CardBinding
from billing_service.payment_methods.sealing import unseal
from billing_service.payment_methods.states import Binding
from billing_service.provider_calls.kinds import Kind, NotOurs, Settlement
from billing_service.services import Services
from billing_service.yookassa.client import YookassaClient
from billing_service.yookassa.errors import NotFound
from billing_service.yookassa.schemas import Unreadable


async def _post(services: Services, body: bytes, key: str) -> Told:
    return Told.of(
        services.settings, await services.yookassa.create_payment_method(body, idempotence_key=key)
    )


async def _get(services: Services, id_digest: str) -> Told:
    """One that we do not know is another system's, unless YooKassa may have one of ours that we were not told of."""
    settings = services.settings
    async with services.statements.transaction() as tx:
        binding = await queries.get_by_digest(tx, id_digest)
        in_doubt = await queries.is_any_in_doubt(tx, settings.shop_id, is_test=settings.shop_is_test)
    if binding is not None and binding.sealed_id is not None:
        method_id = unseal(settings, binding.sealed_id)
        return Told.of(settings, await services.yookassa.get_payment_method(method_id))
    if binding is None and not in_doubt:
        raise NotOurs(id_digest)
    raise NotFound(status=404, error_id=None, code=None, description=None, parameter=None)


async def _no_list(
    _client: YookassaClient, _since: datetime, _until: datetime
) -> AsyncIterator[Told | Unreadable]:
    """The provider has none: what no repeat has brought back by then is taken for never created."""
    nothing: tuple[Told, ...] = ()
    for one in nothing:
        yield one


async def _find(tx: Transaction, seen: Told, known_as: UUID | None = None) -> UUID | None:
    for digest in seen.sealed.digests:
        if known_as is None and (binding := await queries.get_by_digest(tx, digest)):
            return binding.id
    return known_as


async def _is_known(tx: Transaction, binding_id: UUID, seen: Told) -> bool:
    binding = await queries.get_binding(tx, binding_id)
    return binding is not None and binding.status == seen.bound.status.upper()


async def _nothing(_tx: Transaction, _seen: Told) -> None:
    """What is not ours is nobody's to tell of."""


async def _nothing_follows(
    _services: Services, settlement: Settlement[CardBinding], _seen: Told
) -> Settlement[CardBinding]:
    return settlement


BINDINGS: Kind[CardBinding, Told] = Kind(
    name="binding",
    table="card_bindings",
    provider_id="id_digest",
    open=(str(Binding.PENDING),),
    repeat_for=timedelta(hours=6),
    post=_post,
    get=_get,
    list_created=_no_list,
    named_by=lambda seen: seen.bound.metadata.get(OUR_MARK),
    lock=queries.lock_with_money,
    with_sending=queries.get_with_sending,
    settle=settle,
    refuse=refuse,
    find=_find,
    is_known=_is_known,
    on_unmatched=_nothing,
    walk_from="NULL::timestamptz",
    follow_up=_nothing_follows,
)
