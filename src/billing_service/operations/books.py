"""The money of a day: YooKassa's lists against our rows, payments and refunds, object by object, to the kopeck."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Generic, NamedTuple, TypeVar

from billing_service.daily_audits import queries
from billing_service.daily_audits.queries import Booked, Day
from billing_service.daily_audits.sides import Side
from billing_service.kit.transaction import Transaction
from billing_service.payments.calls import PAYMENTS
from billing_service.payments.settlement import OUR_MARK as PAYMENT_MARK
from billing_service.provider_calls.kinds import Kind
from billing_service.refunds.calls import REFUNDS
from billing_service.services import Services
from billing_service.yookassa.errors import NotFound
from billing_service.yookassa.schemas import OBJECT_ID, Payment, Refund, Unreadable

# So many objects that are in no list are asked about at once.
ASKED_AT_ONCE = 10
# Instants at the provider have milliseconds, ours microseconds.
THEIR_TICK, OUR_TICK = timedelta(milliseconds=1), timedelta(microseconds=1)
Seen = TypeVar("Seen", Payment, Refund)


@dataclass(frozen=True)
class Ledger(Generic[Seen]):
    """What differs between payments and refunds.

    The lists go by when an object was made; `made_before` is how long before the day it may have been. `belongs` says
    whether an object is of the day, given our row for it; `ours` names those of a list that we made, row or not.
    """

    kind: Kind[Any, Seen]
    made_before: timedelta
    by_id: Callable[[Transaction, Collection[str]], Awaitable[Mapping[str, Booked]]]
    between: Callable[..., Awaitable[Sequence[Booked]]]
    belongs: Callable[[Seen, Booked | None, Day], bool]
    ours: Callable[[Transaction, Collection[Seen]], Awaitable[Collection[str]]]


def _is_payment_of(seen: Payment, _row: Booked | None, day: Day) -> bool:
    return day.begins <= (seen.captured_at or seen.created_at) < day.ends


def _is_refund_of(seen: Refund, row: Booked | None, day: Day) -> bool:
    """When it was completed only we know; of one that we do not know, only when it was made."""
    if row is None:
        return day.begins <= seen.created_at < day.ends
    return row.status != "SUCCEEDED" or day.begins <= row.done_at < day.ends


async def _marked(_tx: Transaction, listed: Collection[Payment]) -> Collection[str]:
    return {seen.id for seen in listed if PAYMENT_MARK in seen.metadata}


async def _of_our_payments(tx: Transaction, listed: Collection[Refund]) -> Collection[str]:
    payments = await queries.list_payments(tx, {seen.payment_id for seen in listed})
    return {seen.id for seen in listed if seen.payment_id in payments}


# A checkout lives for an hour, and most refunds end within days; what was made earlier is asked about by its id.
LEDGERS: Mapping[str, Ledger[Any]] = {
    "payment": Ledger(
        PAYMENTS,
        timedelta(hours=2),
        queries.list_payments,
        queries.list_payments_of,
        _is_payment_of,
        _marked,
    ),
    "refund": Ledger(
        REFUNDS,
        timedelta(days=3),
        queries.list_refunds,
        queries.list_refunds_of,
        _is_refund_of,
        _of_our_payments,
    ),
}


class Read(NamedTuple):
    """What succeeded, by its id, and what cannot be read, of a list; and up to when what was not read was made."""

    listed: Mapping[str, Any]
    unreadable: Sequence[str | None]
    rest: datetime | None


async def compare(services: Services, day: Day, side: Side, seconds: float) -> None:
    """Take the side further: to its end, or as far as it comes in about so many seconds, but always further.

    A part, once compared, is left for good: every object is in one part, by when it was made, and every row of ours in
    one, by when it succeeded. Only reads; raises the client's errors, and then the side is as it was.
    """
    ledger, ends_at = LEDGERS[side.kind], time.monotonic() + seconds
    listed, unreadable, rest = await _read(services, ledger, day, side.left_until, ends_at)
    ours = await _booked(services, ledger, max(day.begins, rest or day.begins), side.left_until)
    unlisted = [row for row in ours if row.provider_id not in listed]
    asked, unasked = await _ask(services, ledger, unlisted, ends_at)
    if unasked:
        rest, ours = unasked, [row for row in ours if row.done_at >= unasked]
    theirs = [seen for seen in listed.values() if rest is None or seen.created_at > rest]
    # What was made in the time of the list is, or was, or will be in a part of its own.
    asked_of = [asked[row.provider_id] for row in ours if row.provider_id in asked]
    theirs += [seen for seen in asked_of if seen.created_at < day.begins - ledger.made_before]
    await _compare(services, ledger, day, side, theirs)
    for provider_id in unreadable:
        side.cannot_read(provider_id)
    for row in ours:
        _book(side, row, is_theirs=row.provider_id in listed or row.provider_id in asked)
    side.is_complete, side.left_until = rest is None, rest or day.begins


async def _read(services: Services, ledger: Ledger[Seen], day: Day, until: datetime, ends_at: float) -> Read:
    """The newest part of what is left of the list."""
    found: dict[str, Seen] = {}
    unreadable: list[str | None] = []
    begin, last = day.begins - ledger.made_before, until
    async for seen in ledger.kind.list_created(services.yookassa, begin, until + THEIR_TICK):
        if isinstance(seen, Unreadable):
            unreadable.append(seen.id)
        elif seen.created_at <= until:
            # Never amid a crowd in one instant: it would be in two parts, or hold up the audit for good.
            if time.monotonic() >= ends_at and seen.created_at < last:
                return Read(found, unreadable, rest=seen.created_at)
            last = seen.created_at
            if seen.status == "succeeded":
                found[seen.id] = seen
    return Read(found, unreadable, rest=None)


async def _booked(
    services: Services, ledger: Ledger[Seen], since: datetime, until: datetime
) -> Sequence[Booked]:
    settings = services.settings
    async with services.statements.transaction() as tx:
        return await ledger.between(tx, since, until, shop_id=settings.shop_id, is_test=settings.shop_is_test)


async def _ask(
    services: Services, ledger: Ledger[Seen], unlisted: Sequence[Booked], ends_at: float
) -> tuple[Mapping[str, Seen], datetime | None]:
    """Those that succeeded, the newest rows first; and up to when those were done that there was no time for."""
    found: dict[str, Seen] = {}
    for start in range(0, len(unlisted), ASKED_AT_ONCE):
        some = unlisted[start : start + ASKED_AT_ONCE]
        if time.monotonic() >= ends_at and some[0].done_at < unlisted[0].done_at:
            return found, some[0].done_at + OUR_TICK
        answers = await asyncio.gather(*(_get(services, ledger, row.provider_id) for row in some))
        found |= {seen.id: seen for seen in answers if seen is not None and seen.status == "succeeded"}
    return found, None


async def _get(services: Services, ledger: Ledger[Seen], provider_id: str) -> Seen | None:
    """None of what there is not; an id that somebody has spoilt is not even asked about."""
    if OBJECT_ID.fullmatch(provider_id):
        with suppress(NotFound):
            return await ledger.kind.get(services, provider_id)
    return None


async def _compare(
    services: Services, ledger: Ledger[Seen], day: Day, side: Side, theirs: Sequence[Seen]
) -> None:
    async with services.statements.transaction() as tx:
        known = await ledger.by_id(tx, [seen.id for seen in theirs])
        ours = await ledger.ours(tx, theirs)
    for seen in theirs:
        row = known.get(seen.id)
        if ledger.belongs(seen, row, day):
            _compare_one(side, seen, row, is_ours=seen.id in ours)


def _compare_one(side: Side, seen: Payment | Refund, row: Booked | None, *, is_ours: bool) -> None:
    """An object of the provider's of this day, and our row for it."""
    said = f"{seen.amount.value} {seen.amount.currency}"
    if row is None and not is_ours:
        side.meets_foreign(seen.id)
        return
    side.theirs += seen.amount.value
    if row is None:
        side.differs(f"{seen.id}: {said} at YooKassa, no row here")
    elif (row.status, row.amount, row.currency) != ("SUCCEEDED", seen.amount.value, seen.amount.currency):
        here = f"{row.amount} {row.currency} {row.status}"
        side.differs(f"{row.id} of user {row.user_id}: {here} here, {said} at YooKassa")


def _book(side: Side, row: Booked, *, is_theirs: bool) -> None:
    """A row of ours of this day."""
    side.ours += row.amount
    if not is_theirs:
        side.differs(
            f"{row.id} of user {row.user_id}: {row.amount} {row.currency} here, not in YooKassa's list"
        )
