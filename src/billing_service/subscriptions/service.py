"""Who has access and until when: computed from the periods and the time, and from nothing else."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.events import service as events
from billing_service.kit.transaction import Transaction
from billing_service.plans.models import Plan
from billing_service.services import Services
from billing_service.subscriptions import periods, queries
from billing_service.subscriptions.laying import Place
from billing_service.subscriptions.periods import shorten, unused
from billing_service.subscriptions.queries import Adrift
from billing_service.web.errors.requests import UserMoved

# So long a PRO that is over is still named with its last day, for whoever wants it back.
REMEMBERED_FOR = timedelta(days=30)
# How many ends one transaction tells.
AT_ONCE = 100


@dataclass(frozen=True)
class Standing:
    """What this user is shown as. `until` (UTC): when PRO ends or has ended; none for FREE."""

    pro: bool
    active: bool
    until: datetime | None


async def lock(tx: Transaction, user_id: int) -> None:
    """Take the lock of this user's money, making the row if it is the first time. Always before a payment's lock.

    Raises `UserMoved` for one who has become another number: nothing is done under the old one.
    """
    moved_to = await lock_whoever(tx, user_id)
    if moved_to is not None:
        raise UserMoved({"moved_to": moved_to})


async def lock_whoever(tx: Transaction, user_id: int) -> int | None:
    """The same lock, also of one who has become another number; answers which."""
    while (locked := await queries.lock_subscription(tx, user_id)) is None:
        pass
    return locked.moved_to


async def grant_paid_period(
    tx: Transaction, *, user_id: int, plan_code: str, days: int, payment_id: UUID, is_test: bool
) -> int:
    """Lay the period a payment bought behind everything granted before, of its own kind of shop. The caller holds the
    user's lock.

    A second period for the same payment violates `uq_subscription_periods_payment_id`; other terms than the payment's
    violate `fk_subscription_periods_payment_terms`.
    """
    return await queries.insert_period(
        tx,
        user_id=user_id,
        plan_code=plan_code,
        days=days,
        cause="payment",
        payment_id=payment_id,
        is_test=is_test,
    )


async def grant_period(
    tx: Transaction, *, user_id: int, plan_code: str, days: int, author: str, reason: str
) -> int:
    """Lay days that somebody gives behind everything granted before. The caller holds the user's lock."""
    return await queries.insert_period(
        tx,
        user_id=user_id,
        plan_code=plan_code,
        days=days,
        cause="grant",
        is_test=False,
        author=author,
        reason=reason,
    )


async def place_of_next(
    tx: Transaction, *, user_id: int, plan_code: str, days: int, is_test: bool = False
) -> Place:
    """Where a period would lie that is granted now. Writes nothing; binding for whoever holds the user's lock."""
    return await queries.get_place_of_next(tx, user_id, plan_code=plan_code, days=days, is_test=is_test)


async def get_plan_in_force(tx: Transaction, user_id: int) -> str:
    """The plan of the span that contains now, else FREE."""
    return await queries.get_plan_in_force(tx, user_id)


async def get_access_end(tx: Transaction, user_id: int) -> datetime | None:
    """When the access of now ends if nothing is bought; None on FREE."""
    return await queries.get_access_end(tx, user_id)


async def cut_period(
    tx: Transaction,
    *,
    user_id: int,
    period_id: int,
    by: timedelta | None = None,
    just_granted: bool = False,
) -> timedelta:
    """Take time off the end of a period, all of it that is unused if nothing is said; later periods move up.

    Answers how much was taken: never time already used, so nothing of a period that is over. The caller holds the
    user's lock. Not safe to repeat by itself: whoever calls it writes down in the same transaction that it did.

    `just_granted`: it was laid in this very transaction, so that nothing of it is used.
    """
    spans, now = await queries.list_unfinished(tx, user_id, beside=period_id)
    target = next((span for span in spans if span.id == period_id), None)
    if target is None or now is None:
        return timedelta(0)
    if just_granted:
        now = await queries.get_granted_at(tx, period_id)
    after = shorten(spans, period_id, unused(target, now) if by is None else by, now)
    moved = {
        new: (old.end - old.start) - (new.end - new.start)
        for old, new in zip(spans, after, strict=True)
        if old != new
    }
    await queries.move_spans(tx, moved)
    return sum(moved.values(), timedelta(0))


async def stop_renewing(tx: Transaction, user_id: int) -> None:
    """Switch auto-renewal off. The caller holds the user's lock. Safe to repeat."""
    await queries.set_auto_renew(tx, user_id, on=False)


async def start_renewing(tx: Transaction, user_id: int) -> None:
    """Switch auto-renewal on, and remember when. The caller holds the user's lock. Safe to repeat."""
    await queries.set_auto_renew(tx, user_id, on=True)


async def renews(session: AsyncSession, user_id: int) -> bool:
    """Whether the user wishes that his subscription goes on by itself."""
    return await queries.is_auto_renewed(session, user_id)


async def had_pro_within(tx: Transaction, user_id: int, time: timedelta) -> bool:
    """Whether the user's PRO goes on, or ended no longer ago than that."""
    return await queries.had_pro_within(tx, user_id, time)


async def get_last_plan(tx: Transaction, user_id: int) -> str | None:
    """The plan of the user's last PRO, be it over."""
    return await queries.get_last_plan(tx, user_id)


async def get_imported_period(tx: Transaction, user_id: int) -> int | None:
    """The period in which the days lie that the user had before this service."""
    return await queries.get_imported_period(tx, user_id)


async def tell_ends(services: Services) -> int:
    """Tell of each access that has ended since it was last looked; answers how many. Safe to repeat and to run twice at
    once: an end is told under the user's lock, and then it is due no more.
    """
    told = 0
    while True:
        async with services.statements.transaction() as tx:
            due = await queries.lock_due_ends(tx, limit=AT_ONCE)
            for user_id in await queries.close_ends(tx, list(due)):
                await events.record(tx, "subscription.ended", user_id, {"ended_at": due[user_id]})
                told += 1
        if len(due) < AT_ONCE:
            return told


async def list_adrift(tx: Transaction) -> Sequence[Adrift]:
    """Periods still to come that begin where no other one ends: whoever holds them is without what he has."""
    return await queries.list_adrift(tx)


async def lay_anew(
    tx: Transaction, *, user_id: int, period_id: int, not_before: datetime | None = None
) -> timedelta:
    """Lay a user's line again after a clock went wrong; `not_before` is when this period may begin at the earliest.

    Answers by how much the period moved. No period gets shorter. The caller holds the user's lock; safe to repeat.
    """
    spans, now = await queries.list_unfinished(tx, user_id, beside=period_id)
    if now is None:
        return timedelta(0)
    after = periods.lay_anew(spans, now, {period_id: not_before} if not_before else {})
    moved = [(old, new) for old, new in zip(spans, after, strict=True) if old != new]
    await queries.move_spans(tx, {new: timedelta(0) for _, new in moved})
    return sum((new.start - old.start for old, new in moved if new.id == period_id), timedelta(0))


async def get_standing(session: AsyncSession, user_id: int) -> Standing:
    """What this user may use now, or might want back. Never writes; a user we have never seen is on FREE."""
    row = await queries.get_plan_and_end(session, user_id)
    if row is None:
        raise LookupError("the plan FREE is missing from subscription_plans")
    return standing(*row)


def standing(plan: Plan, pro_until: datetime | None, now: datetime) -> Standing:
    """PRO while its plan is in force, and for 30 days after the end as one that is over; else FREE, without a date."""
    if plan.is_pro:
        return Standing(pro=True, active=True, until=pro_until)
    if pro_until is not None and now - REMEMBERED_FOR <= pro_until <= now:
        return Standing(pro=True, active=False, until=pro_until)
    return Standing(pro=False, active=True, until=None)
