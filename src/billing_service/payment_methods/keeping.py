"""Keep a method that the provider has saved, if the user still agrees to it; and remember which shop may keep none."""

from datetime import timedelta
from uuid import UUID, uuid4

import structlog

from billing_service.config import Settings
from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.transaction import Transaction
from billing_service.payment_methods import queries
from billing_service.payment_methods.sealing import seal
from billing_service.yookassa.schemas import SavedMethod

log = structlog.get_logger()

# A live shop is given the permission by a manager: asking it again before would fail every purchase once.
UNABLE_FOR = timedelta(hours=1)


async def keep(
    tx: Transaction,
    settings: Settings,
    shown: SavedMethod | None,
    *,
    consent_id: UUID,
    user_id: int,
    shop_id: str,
    is_test: bool,
) -> UUID | None:
    """Our id of the method, which takes the place of the one before; None if it is not kept.

    It is kept only if the provider says that it is saved, and the consent was not withdrawn since: a refusal withdraws
    all that were given before it. One round trip, and nothing that goes wrong in it reaches the caller, who holds the
    user's lock and settles something more important. Safe to repeat.
    """
    if shown is None or not shown.saved:
        log.warning("payment_method.not_saved_by_provider", user_id=user_id)
        return None
    method_id = uuid4()
    outcome = await queries.keep(
        tx,
        method_id,
        consent_id=consent_id,
        user_id=user_id,
        shop_id=shop_id,
        is_test=is_test,
        sealed=seal(settings, shown.id),
        shown=shown,
    )
    if outcome.startswith("failed"):
        raise_alarm(Alarm.PAYMENT_METHOD_NOT_KEPT, user_id=user_id, sqlstate=outcome.removeprefix("failed "))
    log.info("payment_method.considered", outcome=outcome.split()[0], user_id=user_id, type=shown.type)
    return method_id if outcome == "kept" else None


async def is_shop_able(tx: Transaction, settings: Settings) -> bool:
    """Whether the shop was not refused in the last hour when it asked to keep a method."""
    return not await queries.is_unable(tx, settings.shop_id, is_test=settings.shop_is_test, within=UNABLE_FOR)


async def mark_shop_unable(tx: Transaction, *, shop_id: str, is_test: bool) -> None:
    """The provider has just refused it that."""
    await queries.mark_unable(tx, shop_id, is_test=is_test)
    log.warning("shop.unable_to_save", shop_id=shop_id)
