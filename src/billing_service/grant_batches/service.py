"""The same days for many users: chosen once, given once each, taken back together."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID, uuid4

from billing_service.audit import service as audit
from billing_service.audit.service import Deed
from billing_service.grant_batches import queries
from billing_service.grant_batches.queries import Audience, Batch, Member, Standing, Taken
from billing_service.grants import service as grants
from billing_service.grants.service import Gift
from billing_service.kit.transaction import Transaction
from billing_service.plans import service as plans
from billing_service.services import Services
from billing_service.web.errors.operators import (
    GrantBatchDiffers,
    GrantBatchNotFound,
    GrantBatchRevoked,
    PlanNotFound,
)
from billing_service.web.errors.requests import UserMoved


@dataclass(frozen=True)
class Wish:
    """So many days of a plan for everybody in an audience, under a name of its own."""

    name: str
    audience: Audience
    plan_code: str
    days: int


class Seen(NamedTuple):
    """`batch` is None if it has not begun."""

    batch: Batch | None
    members: Sequence[Member]


async def look(services: Services, wish: Wish, deed: Deed) -> Seen:
    """Whom the batch has, or would have if it began now. Writes nothing. Raises what `begin` raises."""
    async with services.statements.transaction() as tx:
        batch = await queries.get_batch(tx, wish.name)
        if batch is None:
            await _refuse_plan(tx, wish)
            return Seen(None, await queries.list_chosen(tx, wish.audience))
        _refuse_another(batch, wish, deed)
        return Seen(batch, await queries.list_members(tx, batch.id))


async def begin(services: Services, wish: Wish, deed: Deed) -> Batch:
    """Write the batch down with everybody it is for. Of the same name there is one, whose members stay who they are.

    Raises `PlanNotFound`, and `GrantBatchDiffers` for another batch under this name or `GrantBatchRevoked`.
    """
    asked = (wish.name, wish.audience.text, wish.plan_code, wish.days, deed.author, deed.reason)
    batch = Batch(uuid4(), *asked, revoked_at=None)
    async with services.statements.transaction() as tx:
        await _refuse_plan(tx, wish)
        if await queries.insert_batch_once(tx, batch):
            await queries.insert_members(tx, batch.id, wish.audience)
            await audit.record(tx, "grant_batch.begun", deed, details=_details(batch))
            return batch
        known = await queries.get_batch(tx, wish.name)
    assert known is not None  # noqa: S101 (no batch is ever deleted)
    _refuse_another(known, wish, deed)
    return known


async def give(services: Services, batch: Batch, deed: Deed) -> AsyncIterator[UUID]:
    """Give everybody his days who has them not yet, each in a transaction of his own; names each grant.

    Safe to interrupt, to repeat and to run twice at once. Raises `GrantBatchRevoked` once somebody takes it back.
    Whoever has become another number meanwhile is a member under that one, and the next run finds him.
    """
    async with services.statements.transaction() as tx:
        members = await queries.list_members(tx, batch.id)
    for member in members:
        if member.grant_id is None:
            try:
                given = await _give(services, batch, member.user_id, deed)
            except UserMoved:
                continue
            yield given


async def _give(services: Services, batch: Batch, user_id: int, deed: Deed) -> UUID:
    gift = Gift(user_id, batch.plan_code, batch.days, f"batch:{batch.id}")

    async def lay(tx: Transaction) -> UUID:
        grant_id = await grants.lay_by_own_key(tx, gift, deed)
        if not await queries.lock_open(tx, batch.id):
            raise GrantBatchRevoked
        await queries.set_given(tx, batch.id, user_id, grant_id)
        return grant_id

    return await services.statements.turns.take(user_id, lay)


async def find(services: Services, name: str) -> Batch:
    """Raises `GrantBatchNotFound`."""
    async with services.statements.transaction() as tx:
        return _there(await queries.get_batch(tx, name))


async def get(services: Services, batch_id: UUID) -> Batch:
    """Raises `GrantBatchNotFound`."""
    async with services.statements.transaction() as tx:
        return _there(await queries.get_batch_by_id(tx, batch_id))


async def list_members(services: Services, batch_id: UUID) -> Sequence[Member]:
    """Everybody it is for, by number, as he stands now."""
    async with services.statements.transaction() as tx:
        return await queries.list_members(tx, batch_id)


async def revoke(services: Services, batch: Batch, deed: Deed) -> AsyncIterator[UUID]:
    """Take back what is left of every grant of the batch; whoever has none yet gets none any more.

    Names each grant. Safe to interrupt and to repeat: what was taken back stays so, with the first reason.
    """
    async with services.statements.transaction() as tx:
        if await queries.set_revoked(tx, batch.id, author=deed.author, reason=deed.reason):
            await audit.record(tx, "grant_batch.revoked", deed, details=_details(batch))
    # Those that were being laid until then are committed, and found.
    async with services.statements.transaction() as tx:
        standing = await queries.list_standing(tx, batch.id)
    for grant_id in standing:
        await grants.revoke(services, grant_id, deed)
        yield grant_id


async def count_standing(services: Services, batch_id: UUID) -> Standing:
    """What taking it back would find."""
    async with services.statements.transaction() as tx:
        return await queries.count_standing(tx, batch_id)


async def list_taken(services: Services, batch_id: UUID) -> Sequence[Taken]:
    """What taking it back has taken of each of its grants."""
    async with services.statements.transaction() as tx:
        return await queries.list_taken(tx, batch_id)


def _there(batch: Batch | None) -> Batch:
    if batch is None:
        raise GrantBatchNotFound
    return batch


async def _refuse_plan(tx: Transaction, wish: Wish) -> None:
    if not await plans.can_be_granted(tx, wish.plan_code):
        raise PlanNotFound


def _refuse_another(known: Batch, wish: Wish, deed: Deed) -> None:
    if known.revoked_at is not None:
        raise GrantBatchRevoked
    asked = (wish.name, wish.audience.text, wish.plan_code, wish.days, deed.author, deed.reason)
    if known[1:-1] != asked:
        told = ("audience", "plan_code", "days", "author", "reason")
        raise GrantBatchDiffers({name: getattr(known, name) for name in told})


def _details(batch: Batch) -> dict[str, object]:
    return {
        "batch_id": str(batch.id),
        "name": batch.name,
        "audience": batch.audience,
        "plan_code": batch.plan_code,
        "days": batch.days,
    }
