"""A user becomes another number, or two become one: everything goes along in one transaction, or nothing does."""

from collections.abc import Sequence
from datetime import timedelta
from uuid import uuid4

import structlog

from billing_service.audit import service as audit
from billing_service.audit.service import Deed
from billing_service.config import Settings
from billing_service.events import service as events
from billing_service.kit.transaction import Transaction
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from billing_service.user_moves import queries
from billing_service.user_moves.merging import merge
from billing_service.user_moves.queries import Known
from billing_service.web.errors.operators import MoveRefused
from billing_service.web.errors.requests import PayloadInvalid, UserMoved

log = structlog.get_logger()

TOLD = "subscription.moved"


async def move(services: Services, from_user_id: int, to_user_id: int, deed: Deed) -> Known:
    """All that is known of the one is the other's from now on, and nothing is done under the old number any more.

    No day is lost and none doubled: what either has not used yet lies end to end. Whatever YooKassa says later of a
    payment, a refund or a binding is settled under the new number. Safe to repeat: a second time answers what the first
    one did. Raises `MoveRefused` while something of either is open or both have a live payment method of one shop,
    and `UserMoved` for one who has become yet another number; then nothing has changed.
    """
    return await _in_turn(services, from_user_id, to_user_id, deed, rehearse=False)


async def preview(services: Services, from_user_id: int, to_user_id: int, deed: Deed) -> Known:
    """What `move` would do now, by the same code, of which nothing stays. Raises what it raises."""
    return await _in_turn(services, from_user_id, to_user_id, deed, rehearse=True)


async def list_known_as(tx: Transaction, user_id: int) -> Sequence[int]:
    """Every number under which this user was ever known here, his own included."""
    return await queries.list_known_as(tx, user_id)


async def _in_turn(
    services: Services, from_user_id: int, to_user_id: int, deed: Deed, *, rehearse: bool
) -> Known:
    if from_user_id == to_user_id:
        raise PayloadInvalid({"fields": {"to_user_id": "another user's id"}})
    turns, settings = services.statements.turns, services.settings
    take = turns.look if rehearse else turns.take
    return await take(
        min(from_user_id, to_user_id), lambda tx: _move_once(tx, settings, from_user_id, to_user_id, deed)
    )


async def _move_once(
    tx: Transaction, settings: Settings, from_user_id: int, to_user_id: int, deed: Deed
) -> Known:
    """Locks both, the lower number first, as everybody does who locks two."""
    moved_to = {
        user_id: await subscriptions.lock_whoever(tx, user_id)
        for user_id in sorted((from_user_id, to_user_id))
    }
    if moved_to[from_user_id] == to_user_id:
        known = await queries.get_last(tx, from_user_id)
        assert known is not None  # noqa: S101 (it is written with the mark)
        return known
    # Only he who has become this very number may be given everything back.
    for user_id, back in ((from_user_id, None), (to_user_id, from_user_id)):
        if moved_to[user_id] not in {None, back}:
            raise UserMoved({"moved_to": moved_to[user_id]})
    shop_id, is_test = settings.shop_id, settings.shop_is_test
    hindrance = await queries.get_hindrance(tx, from_user_id, to_user_id, shop_id=shop_id, is_test=is_test)
    if hindrance is not None:
        raise MoveRefused(hindrance._asdict())
    return await _move(tx, settings, from_user_id, to_user_id, deed)


async def _move(tx: Transaction, settings: Settings, from_user_id: int, to_user_id: int, deed: Deed) -> Known:
    now = await queries.begin(tx, from_user_id, to_user_id, settings.billing_timezone.key)
    shop_id, is_test = settings.shop_id, settings.shop_is_test
    brings_method = await queries.can_be_charged(tx, from_user_id, shop_id=shop_id, is_test=is_test)
    lines = await queries.list_lines(tx, from_user_id, to_user_id)
    merged = [one for line in lines for one in merge(line, now)]
    periods = await queries.move_periods(tx, from_user_id, to_user_id, merged)
    rows = await queries.move_rows(tx, from_user_id, to_user_id)
    await queries.settle(tx, from_user_id, to_user_id, brings_method=brings_method)
    done = await queries.insert_move(
        tx,
        uuid4(),
        from_user_id=from_user_id,
        to_user_id=to_user_id,
        moved_at=now,
        moved={queries.PERIODS: periods} | dict(rows),
        cuts={one.span.id: one.cut for one in merged if one.cut},
    )
    await _tell(tx, done, deed, sum((one.cut for one in merged), timedelta(0)))
    return done


async def _tell(tx: Transaction, done: Known, deed: Deed, cut: timedelta) -> None:
    """Either number learns of it, with what it has now, and either has the deed in its log."""
    ids = {"from_user_id": done.from_user_id, "to_user_id": done.to_user_id}
    details = {"move_id": str(done.id), **ids, "moved": done.moved, "cut_seconds": int(cut.total_seconds())}
    for user_id in ids.values():
        await events.record(tx, TOLD, user_id, ids)
        await audit.record(tx, queries.ACTION, deed, user_id=user_id, details=details)
    tx.once_committed(lambda: log.info("user.moved", move_id=done.id, **ids))
