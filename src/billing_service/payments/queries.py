"""The SQL of payments."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import Select, bindparam, exists, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.kit.clock import billing_now
from billing_service.payments.models import NEVER_CREATED, PLAN, ListWalk, Payment
from billing_service.payments.states import FINAL, Status


async def get_payment(session: AsyncSession, payment_id: UUID) -> Payment | None:
    return await session.get(Payment, payment_id)


async def get_payment_of_user(session: AsyncSession, user_id: int, payment_id: UUID) -> Payment | None:
    statement = select(Payment).where(Payment.id == payment_id, Payment.user_id == user_id)
    return (await session.scalars(statement)).one_or_none()


async def get_by_yookassa_id(session: AsyncSession, yookassa_payment_id: str) -> Payment | None:
    statement = select(Payment).where(Payment.yookassa_payment_id == yookassa_payment_id)
    return (await session.scalars(statement)).one_or_none()


async def get_user_id(session: AsyncSession, payment_id: UUID) -> int:
    return (await session.execute(select(Payment.user_id).where(Payment.id == payment_id))).scalar_one()


async def get_by_idempotency_key(
    session: AsyncSession, *, caller: str, user_id: int, route: str, key: str
) -> Payment | None:
    statement = select(Payment).where(
        Payment.caller == caller,
        Payment.user_id == user_id,
        Payment.route == route,
        Payment.idempotency_key == key,
    )
    return (await session.scalars(statement)).one_or_none()


def _newest_on_the_terms_of(like: Payment) -> Select[Payment]:
    """Payments that offer the same person the same thing, with the same options, through the same shop."""
    return (
        select(Payment)
        .where(
            Payment.user_id == like.user_id,
            Payment.purpose == PLAN,
            ~Payment.is_recurring,
            Payment.plan_code == like.plan_code,
            Payment.amount == like.amount,
            Payment.currency == like.currency,
            Payment.duration_days == like.duration_days,
            Payment.save_payment_method == like.save_payment_method,
            Payment.return_url == like.return_url,
            Payment.shop_id == like.shop_id,
            Payment.is_test == like.is_test,
        )
        .order_by(Payment.created_at.desc(), Payment.id)
        .limit(1)
    )


async def get_open_checkout(
    session: AsyncSession, like: Payment, *, younger_than: timedelta
) -> Payment | None:
    """The newest payment on the same terms that can still be paid, or whose money is held and will be taken."""
    statement = _newest_on_the_terms_of(like).where(
        Payment.status.in_([Status.PENDING, Status.WAITING_FOR_CAPTURE]),
        Payment.created_at > billing_now() - younger_than,
    )
    return (await session.scalars(statement)).one_or_none()


async def get_refused_checkout(session: AsyncSession, like: Payment, *, within: timedelta) -> Payment | None:
    """The newest payment on the same terms that the provider refused to create within this time."""
    statement = _newest_on_the_terms_of(like).where(
        Payment.status == Status.FAILED,
        Payment.provider_error_code.is_distinct_from(NEVER_CREATED),
        Payment.updated_at > billing_now() - within,
    )
    return (await session.scalars(statement)).one_or_none()


class Begun(NamedTuple):
    """How many payments a user began, the beginning of the first of them (None for none), and the time now."""

    in_all: int
    first_at: datetime | None
    now: datetime


async def count_begun(session: AsyncSession, user_id: int, *, within: timedelta, at_most: int) -> Begun:
    """The newest ones that the user asked for, `at_most` so many: no renewals, no imports, nothing paid twice."""
    newest = (
        select(Payment.created_at)
        .where(
            Payment.user_id == user_id,
            Payment.created_at > billing_now() - within,
            ~Payment.is_recurring,
            ~Payment.imported,
            Payment.surplus_of.is_(None),
        )
        .order_by(Payment.created_at.desc())
        .limit(at_most)
        .subquery()
    )
    statement = select(func.count(), func.min(newest.c.created_at), billing_now()).select_from(newest)
    return Begun(*(await session.execute(statement)).one())


async def lock_payment(session: AsyncSession, payment_id: UUID) -> Payment:
    statement = (
        select(Payment)
        .where(Payment.id == payment_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return (await session.scalars(statement)).one()


class Claim(NamedTuple):
    """The right to send: the sealed request, whether an earlier one may have left, and the lease it is held by."""

    sealed: bytes
    was_in_doubt: bool
    lease_until: datetime


async def claim_sending(
    session: AsyncSession,
    payment_id: UUID,
    *,
    shop_id: str,
    is_test: bool,
    lease: timedelta,
    repeat_for: timedelta,
) -> Claim | None:
    """Stamp the row as being sent now, unless somebody else is sending it or it may no longer be sent, or not here."""
    before = (
        select(Payment.id, Payment.request_body, Payment.outcome_unknown)
        .where(
            Payment.id == payment_id,
            Payment.status == Status.PENDING,
            Payment.yookassa_payment_id.is_(None),
            Payment.request_body.is_not(None),
            Payment.shop_id == shop_id,
            Payment.is_test == is_test,
            or_(Payment.send_lease_until.is_(None), Payment.send_lease_until < billing_now()),
            or_(Payment.first_sent_at.is_(None), Payment.first_sent_at > billing_now() - repeat_for),
        )
        .with_for_update()
        .cte("before")
    )
    statement = (
        update(Payment)
        .where(Payment.id == before.c.id)
        .values(
            first_sent_at=func.coalesce(Payment.first_sent_at, billing_now()),
            last_sent_at=billing_now(),
            send_lease_until=billing_now() + lease,
            # A kill from here on leaves the truth: it may have left.
            outcome_unknown=True,
        )
        .returning(before.c.request_body, before.c.outcome_unknown, Payment.send_lease_until)
        .execution_options(synchronize_session=False)
    )
    row = (await session.execute(statement)).one_or_none()
    return None if row is None else Claim(*row)


async def list_newest(session: AsyncSession, user_id: int, *, limit: int) -> Sequence[Payment]:
    statement = (
        select(Payment)
        .where(Payment.user_id == user_id)
        .order_by(Payment.created_at.desc(), Payment.id.desc())
        .limit(limit)
    )
    return (await session.scalars(statement)).all()


async def is_paid_beside(session: AsyncSession, payment: Payment) -> bool:
    """Whether another payment of this user was settled while this one was already open."""
    statement = select(
        exists().where(
            Payment.user_id == payment.user_id,
            Payment.id != payment.id,
            Payment.status == Status.SUCCEEDED,
            ~Payment.is_recurring,
            Payment.webhook_processed_at > payment.created_at,
        )
    )
    return (await session.execute(statement)).scalar_one()


# Built once: every notification asks, and putting it together anew would cost more than asking.
IS_SETTLED_AS = select(
    exists().where(
        Payment.yookassa_payment_id == bindparam("yookassa_payment_id"), Payment.status == bindparam("status")
    )
)


async def is_settled_as(session: AsyncSession, yookassa_payment_id: str, status: Status) -> bool:
    asked = {"yookassa_payment_id": yookassa_payment_id, "status": status}
    return (await session.execute(IS_SETTLED_AS, asked)).scalar_one()


async def list_final(session: AsyncSession, yookassa_payment_ids: Collection[str]) -> Collection[str]:
    """Those of the provider's ids whose payment is final here."""
    statement = select(Payment.yookassa_payment_id).where(
        Payment.yookassa_payment_id.in_(yookassa_payment_ids), Payment.status.in_(FINAL)
    )
    return {found for found in await session.scalars(statement) if found is not None}


async def claim_due(session: AsyncSession, *, shop_id: str, is_test: bool, limit: int) -> Sequence[Payment]:
    """Open payments whose question is due, the longest waiting first; skips what another worker holds."""
    statement = (
        select(Payment)
        .where(
            Payment.status.in_([Status.PENDING, Status.WAITING_FOR_CAPTURE]),
            Payment.shop_id == shop_id,
            Payment.is_test == is_test,
            Payment.next_ask_at <= billing_now(),
        )
        .order_by(Payment.next_ask_at)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    return (await session.scalars(statement)).all()


async def get_or_begin_walk(session: AsyncSession, name: str, shop_id: str, *, reach: timedelta) -> ListWalk:
    """How far a list was compared. Whoever asks first begins the walk `reach` back in time."""
    first = insert(ListWalk).values(list=name, shop_id=shop_id, compared_until=billing_now() - reach)
    await session.execute(first.on_conflict_do_nothing())
    statement = select(ListWalk).where(ListWalk.list == name, ListWalk.shop_id == shop_id)
    return (await session.scalars(statement)).one()


async def set_left(
    session: AsyncSession, walk: ListWalk, *, step_until: datetime, left_until: datetime
) -> None:
    """Remember how much of a step is left, unless somebody else has finished it."""
    statement = update(ListWalk).where(
        ListWalk.list == walk.list,
        ListWalk.shop_id == walk.shop_id,
        ListWalk.compared_until == walk.compared_until,
    )
    await session.execute(statement.values(step_until=step_until, left_until=left_until))


async def set_compared_until(session: AsyncSession, walk: ListWalk, until: datetime) -> None:
    """Of two walks that ran at once, the longer one counts; but nothing is compared that is still to come."""
    longer = func.least(func.greatest(ListWalk.compared_until, until), billing_now())
    statement = update(ListWalk).where(ListWalk.list == walk.list, ListWalk.shop_id == walk.shop_id)
    await session.execute(statement.values(compared_until=longer, step_until=None, left_until=None))
