"""Keep a method that the provider has saved, if the user still agrees to it; and remember which shop may keep none."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

import structlog

from billing_service.config import Settings
from billing_service.events import service as events
from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.transaction import Transaction
from billing_service.payment_methods import queries
from billing_service.payment_methods.models import card_mask
from billing_service.payment_methods.sealing import seal
from billing_service.yookassa.schemas import SavedMethod

log = structlog.get_logger()

# A live shop is given the permission by a manager: asking it again before would fail every purchase once.
UNABLE_FOR = timedelta(hours=1)


@dataclass(frozen=True)
class Offer:
    """A method that the provider says it has saved; `values` are those of the SQL function `keep_payment_method`."""

    method_id: UUID
    user_id: int
    type: str
    values: tuple[object, ...]


def offer(
    settings: Settings,
    shown: SavedMethod | None,
    *,
    consent_id: UUID,
    user_id: int,
    shop_id: str,
    is_test: bool,
) -> Offer | None:
    """What could be kept; None if the provider does not say that it is saved."""
    if shown is None or not shown.saved:
        log.warning("payment_method.not_saved_by_provider", user_id=user_id)
        return None
    method_id, sealed = uuid4(), seal(settings, shown.id)
    owner = (method_id, consent_id, user_id, shop_id, is_test)
    facts = (shown.type, shown.title, shown.card_last4, shown.card_brand, shown.expires)
    return Offer(method_id, user_id, shown.type, (*owner, sealed.sealed, sealed.digests, *facts))


def conclude(offered: Offer, outcome: str) -> UUID | None:
    """Our id of what `keep_payment_method` has kept; None, alarmed if it failed, for every other outcome."""
    if outcome.startswith("failed"):
        sqlstate = outcome.removeprefix("failed ")
        raise_alarm(Alarm.PAYMENT_METHOD_NOT_KEPT, user_id=offered.user_id, sqlstate=sqlstate)
    log.info(
        "payment_method.considered",
        outcome=outcome.split(maxsplit=1)[0],
        user_id=offered.user_id,
        type=offered.type,
    )
    return offered.method_id if outcome == "kept" else None


async def keep(tx: Transaction, offered: Offer | None) -> UUID | None:
    """Our id of the method, which takes the place of the one before; None if it is not kept.

    It is kept only if the consent was not withdrawn since: a refusal withdraws all that were given before it. Nor does
    it take the place of one that the user agreed to later, though it be learned of later. The
    caller holds the user's lock; nothing that goes wrong with it is raised. Safe to repeat.
    """
    return None if offered is None else conclude(offered, await queries.keep(tx, offered.values))


async def end(tx: Transaction, method_id: UUID) -> None:
    """It is over at its bank: nobody charges it any more. The caller holds the user's lock. Safe to repeat."""
    ended = await queries.end(tx, method_id)
    if ended is None:
        return
    shown = {name: ended[name] for name in ("type", "title", "card_brand", "expires")}
    shown["card_mask"] = card_mask(ended["card_last4"])
    await events.record(tx, "payment_method.ended", ended["user_id"], shown)
    log.info("payment_method.ended", method_id=method_id)


async def is_shop_able(tx: Transaction, settings: Settings) -> bool:
    """Whether the shop was not refused in the last hour when it asked to keep a method."""
    return await _is_able(tx, settings, to_bind=False)


async def is_shop_able_to_bind(tx: Transaction, settings: Settings) -> bool:
    """Whether it was refused neither that nor to bind a card by itself, which is a permission of its own."""
    return await _is_able(tx, settings, to_bind=True)


async def _is_able(tx: Transaction, settings: Settings, *, to_bind: bool) -> bool:
    shop, is_test = settings.shop_id, settings.shop_is_test
    return not await queries.is_unable(tx, shop, is_test=is_test, within=UNABLE_FOR, to_bind=to_bind)


async def mark_shop_unable(tx: Transaction, *, shop_id: str, is_test: bool) -> None:
    """The provider has just refused it to keep a method of a purchase."""
    await queries.mark_unable(tx, shop_id, is_test=is_test)
    log.warning("shop.refused_to_save", shop_id=shop_id)


async def mark_shop_unable_to_bind(tx: Transaction, *, shop_id: str, is_test: bool) -> None:
    """The provider has just refused it to bind a card by itself; what purchases keep it says nothing about."""
    await queries.mark_unable_to_bind(tx, shop_id, is_test=is_test)
    log.warning("shop.refused_to_bind", shop_id=shop_id)
