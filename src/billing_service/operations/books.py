"""The money of a day: YooKassa's lists against our rows, payments and refunds, object by object, to the kopeck."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import TypeVar

from billing_service.daily_audits import queries
from billing_service.daily_audits.queries import Booked, Day
from billing_service.payments.settlement import OUR_MARK as PAYMENT_MARK
from billing_service.services import Services
from billing_service.yookassa.errors import NotFound
from billing_service.yookassa.schemas import Payment, Refund, Unreadable

# The lists go by when an object was made. A checkout lives for an hour, and most refunds end within days; what was made
# earlier is asked about by its id.
CREATED_BEFORE = timedelta(hours=2)
REFUND_CREATED_BEFORE = timedelta(days=3)
NOTHING = Decimal("0.00")
Seen = TypeVar("Seen", Payment, Refund)


@dataclass
class Side:
    """Payments or refunds of a day, as the provider has them and as we have them, in roubles.

    `differences` names what is not the same on both sides; `foreign` what belongs to another system in the shop.
    """

    kind: str
    theirs: Decimal = NOTHING
    ours: Decimal = NOTHING
    differences: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def compare(self, seen: Seen, row: Booked | None, *, is_ours: bool) -> None:
        """An object of the provider's of this day, and our row for it."""
        said = f"{seen.amount.value} {seen.amount.currency}"
        if row is None and not is_ours:
            self.foreign.append(seen.id)
            return
        self.theirs += seen.amount.value
        if row is None:
            self.differences.append(f"{self.kind} {seen.id}: {said} at YooKassa, no row here")
        elif (row.status, row.amount, row.currency) != ("SUCCEEDED", seen.amount.value, seen.amount.currency):
            here = f"{row.amount} {row.currency} {row.status}"
            self.differences.append(
                f"{self.kind} {row.id} of user {row.user_id}: {here} here, {said} at YooKassa"
            )

    def book(self, rows: Iterable[Booked], listed: Mapping[str, object]) -> None:
        """Our rows of this day; each must be in the provider's list."""
        for row in rows:
            self.ours += row.amount
            if row.provider_id not in listed:
                self.differences.append(
                    f"{self.kind} {row.id} of user {row.user_id}: {row.amount} {row.currency} here, "
                    "not in YooKassa's list"
                )


@dataclass(frozen=True)
class Books:
    paid: Side
    returned: Side


async def compare(services: Services, day: Day) -> Books:
    """Raises the client's errors. Only reads; safe at any time."""
    return Books(await _payments(services, day), await _refunds(services, day))


async def _payments(services: Services, day: Day) -> Side:
    side, settings = Side("payment"), services.settings
    begin = day.begins - CREATED_BEFORE
    listed = await _succeeded(services.yookassa.list_payments(created_from=begin, created_to=day.ends), side)
    async with services.statements.transaction() as tx:
        known = await queries.list_payments(tx, listed)
        ours = await queries.list_payments_of(
            tx, day, shop_id=settings.shop_id, is_test=settings.shop_is_test
        )
    known, listed = await _with_earlier(services.yookassa.get_payment, ours, known, listed)
    for seen in listed.values():
        if day.begins <= (seen.captured_at or seen.created_at) < day.ends:
            side.compare(seen, known.get(seen.id), is_ours=PAYMENT_MARK in seen.metadata)
    side.book(ours, listed)
    return side


async def _refunds(services: Services, day: Day) -> Side:
    side, settings = Side("refund"), services.settings
    begin = day.begins - REFUND_CREATED_BEFORE
    listed = await _succeeded(services.yookassa.list_refunds(created_from=begin, created_to=day.ends), side)
    async with services.statements.transaction() as tx:
        known = await queries.list_refunds(tx, listed)
        of_ours = await queries.list_payments(tx, {seen.payment_id for seen in listed.values()})
        ours = await queries.list_refunds_of(tx, day, shop_id=settings.shop_id, is_test=settings.shop_is_test)
    known, listed = await _with_earlier(services.yookassa.get_refund, ours, known, listed)
    completed = {row.provider_id for row in ours}
    for seen in listed.values():
        # When it was completed only we know; of one that we do not know, only when it was made.
        row = known.get(seen.id)
        if seen.id in completed or (row is None and day.begins <= seen.created_at < day.ends):
            side.compare(seen, row, is_ours=seen.payment_id in of_ours)
        elif row is not None and row.status != "SUCCEEDED":
            side.compare(seen, row, is_ours=True)
    side.book(ours, listed)
    return side


async def _with_earlier(
    get: Callable[[str], Awaitable[Seen]],
    ours: Sequence[Booked],
    known: Mapping[str, Booked],
    listed: Mapping[str, Seen],
) -> tuple[Mapping[str, Booked], Mapping[str, Seen]]:
    """The same, and our rows of this day whose objects were made before the list begins."""
    earlier = {row.provider_id: row for row in ours if row.provider_id not in listed}
    found: dict[str, Seen] = {}
    for provider_id in earlier:
        with suppress(NotFound):
            found[provider_id] = await get(provider_id)
    succeeded = {seen.id: seen for seen in found.values() if seen.status == "succeeded"}
    return {**known, **earlier}, {**listed, **succeeded}


async def _succeeded(listing: AsyncIterator[Seen | Unreadable], side: Side) -> Mapping[str, Seen]:
    found: dict[str, Seen] = {}
    async for seen in listing:
        if isinstance(seen, Unreadable):
            side.differences.append(f"{side.kind} {seen.id or 'without an id'} cannot be read")
        elif seen.status == "succeeded":
            found[seen.id] = seen
    return found


def all_differences(books: Books) -> Sequence[str]:
    return [*books.paid.differences, *books.returned.differences]
