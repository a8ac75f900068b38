"""What other rooms may ask about payments."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.alarms import service as alarms
from billing_service.kit.alarms import Alarm
from billing_service.payments import queries
from billing_service.payments.settlement import OUR_MARK
from billing_service.payments.states import Status
from billing_service.yookassa import schemas as yookassa


async def is_settled_as(session: AsyncSession, yookassa_payment_id: str, status: str) -> bool:
    """Whether our payment already says, for good, what a notification claims (`succeeded`, `canceled`)."""
    claimed = {"succeeded": Status.SUCCEEDED, "canceled": Status.CANCELED}.get(status)
    return claimed is not None and await queries.is_settled_as(session, yookassa_payment_id, claimed)


async def which_are_final(session: AsyncSession, yookassa_payment_ids: Collection[str]) -> Collection[str]:
    """Those of the provider's objects whose payment of ours is final, however it became so."""
    return await queries.list_final(session, yookassa_payment_ids)


async def find_by_yookassa_id(session: AsyncSession, yookassa_payment_id: str) -> UUID | None:
    """Our payment that has this object of the provider's, if one is known to have it."""
    holder = await queries.get_by_yookassa_id(session, yookassa_payment_id)
    return holder.id if holder else None


class UnmatchedObject(Exception):
    """The object names a payment of ours that we do not have."""


class StrangeMark(UnmatchedObject):
    """The object bears our mark, but what it names can be no payment of ours, now or ever."""


async def match(session: AsyncSession, seen: yookassa.Payment) -> UUID | None:
    """Our payment for a provider's object: the one its metadata names, or its surplus; else the one that has its id.

    None if it is foreign. Raises `UnmatchedObject` for an object that bears our mark but fits no row, and `StrangeMark`
    if no row could ever fit it. An object that names one payment and is held by another goes to the one it names,
    where `settle` refuses it.
    """
    holder = await queries.get_by_yookassa_id(session, seen.id)
    marked = seen.metadata.get(OUR_MARK)
    if marked is None:
        return holder.id if holder else None
    try:
        named = UUID(marked)
    except ValueError:
        raise StrangeMark(seen.id) from None
    if holder and holder.surplus_of == named:
        return holder.id
    if await queries.get_payment(session, named) is None:
        raise UnmatchedObject(seen.id)
    return named


async def alarm_not_compared(session: AsyncSession, yookassa_payment_id: str | None, *, because: str) -> None:
    """Tell of an object of the provider's list that could not be read, settled or captured."""
    await alarms.raise_once(
        session,
        Alarm.OBJECT_NOT_COMPARED,
        yookassa_payment_id or "without an id",
        yookassa_payment_id=yookassa_payment_id,
        because=because,
    )


async def alarm_unmatched(session: AsyncSession, seen: yookassa.Payment) -> None:
    """Tell of an object that `match` found no payment for; again only if it has changed, e.g. was paid."""
    await alarms.raise_once(
        session,
        Alarm.UNMATCHED_OBJECT,
        seen.id,
        yookassa_payment_id=seen.id,
        status=seen.status,
        amount=f"{seen.amount.value} {seen.amount.currency}",
    )
