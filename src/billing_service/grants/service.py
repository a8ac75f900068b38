"""Give days by hand, and take back what is left of them; each deed once, whatever is repeated."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID, uuid4

import structlog

from billing_service.audit import service as audit
from billing_service.audit.service import Deed
from billing_service.grants import queries
from billing_service.grants.queries import Granted, Lying
from billing_service.kit.transaction import Transaction
from billing_service.plans import service as plans
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from billing_service.web.errors.operators import GrantNotFound, PlanNotFound
from billing_service.web.errors.requests import IdempotencyKeyReused, UserMoved

log = structlog.get_logger()


@dataclass(frozen=True)
class Gift:
    """So many days of a paid plan for a user, as this key names them."""

    user_id: int
    plan_code: str
    days: int
    idempotency_key: str

    def fingerprint(self, deed: Deed) -> str:
        asked = [self.plan_code, self.days, deed.author, deed.reason]
        return hashlib.sha256(json.dumps(asked).encode()).hexdigest()


async def grant(services: Services, gift: Gift, deed: Deed) -> Granted:
    """Lay the days behind everything the user has. The same key gives the same grant, as it is now.

    Raises `PlanNotFound` for a plan that gives nothing or tries the shop, and `IdempotencyKeyReused`.
    """
    return await services.statements.turns.take(gift.user_id, lambda tx: lay_once(tx, gift, deed))


async def grant_by_own_key(services: Services, gift: Gift, deed: Deed) -> UUID:
    """As `grant`, under a key of the service's own: see `lay_by_own_key`."""
    return await services.statements.turns.take(gift.user_id, lambda tx: lay_by_own_key(tx, gift, deed))


async def preview(services: Services, gift: Gift, deed: Deed) -> Granted:
    """The grant as `grant` would lay it now, of which nothing stays. Raises what `grant` raises."""
    return await services.statements.turns.look(gift.user_id, lambda tx: lay_once(tx, gift, deed))


async def preview_revocation(services: Services, grant_id: UUID, deed: Deed) -> tuple[Granted, Granted]:
    """The grant as it lies now, and as `revoke` would leave it. Raises `GrantNotFound`."""
    async with services.statements.transaction() as tx:
        now = await _read(tx, grant_id)
    turns, whose = services.statements.turns, now.user_id
    return now, await turns.look(whose, lambda tx: _revoke(tx, whose, grant_id, deed))


async def lay_once(tx: Transaction, gift: Gift, deed: Deed) -> Granted:
    """As `grant`, as a part of a decision that takes the user's lock by this."""
    await subscriptions.lock(tx, gift.user_id)
    known = await queries.get_by_idempotency_key(
        tx, caller=deed.caller, user_id=gift.user_id, key=gift.idempotency_key
    )
    if known is None:
        return await _lay(tx, gift, deed)
    if known.request_fingerprint != gift.fingerprint(deed):
        raise IdempotencyKeyReused
    return known


async def lay_by_own_key(tx: Transaction, gift: Gift, deed: Deed) -> UUID:
    """As `lay_once`, under a key of the service's own (`batch:…`), which is one gift by whichever caller it is gone on
    with, and for whatever reason: the grant that the user has under it, or a new one."""
    await subscriptions.lock(tx, gift.user_id)
    given = await queries.get_given(tx, gift.user_id, gift.idempotency_key)
    return given or (await lay_once(tx, gift, deed)).id


async def _lay(tx: Transaction, gift: Gift, deed: Deed) -> Granted:
    if not await plans.can_be_granted(tx, gift.plan_code):
        raise PlanNotFound
    grant_id = uuid4()
    period_id = await subscriptions.grant_period(
        tx,
        user_id=gift.user_id,
        plan_code=gift.plan_code,
        days=gift.days,
        author=deed.author,
        reason=deed.reason,
    )
    await queries.insert_grant(
        tx,
        grant_id=grant_id,
        user_id=gift.user_id,
        period_id=period_id,
        caller=deed.caller,
        key=gift.idempotency_key,
        fingerprint=gift.fingerprint(deed),
    )
    await _write_down(
        tx, "grant.given", gift.user_id, deed, grant_id, plan_code=gift.plan_code, days=gift.days
    )
    told = {"user_id": gift.user_id, "plan_code": gift.plan_code, "days": gift.days}
    tx.once_committed(lambda: log.info("grant.given", grant_id=grant_id, **told))
    return await _read(tx, grant_id)


async def revoke(services: Services, grant_id: UUID, deed: Deed) -> Granted:
    """Take back what is left of it; later periods move up. A second time changes nothing. Raises `GrantNotFound`."""
    async with services.statements.transaction() as tx:
        whose = (await _read(tx, grant_id)).user_id
    try:
        return await services.statements.turns.take(whose, lambda tx: _revoke(tx, whose, grant_id, deed))
    except UserMoved:
        # In between its user became another number, and it is that one's.
        return await revoke(services, grant_id, deed)


async def _revoke(tx: Transaction, user_id: int, grant_id: UUID, deed: Deed) -> Granted:
    await subscriptions.lock(tx, user_id)
    found = await _read(tx, grant_id)
    if found.revoked_at is not None:
        return found
    taken = await subscriptions.cut_period(tx, user_id=user_id, period_id=found.period_id)
    await queries.set_revoked(tx, grant_id, author=deed.author, reason=deed.reason, taken=taken)
    seconds = round(taken.total_seconds())
    await _write_down(tx, "grant.revoked", user_id, deed, grant_id, seconds_taken=seconds)
    tx.once_committed(
        lambda: log.info("grant.revoked", grant_id=grant_id, user_id=user_id, seconds_taken=seconds)
    )
    return await _read(tx, grant_id)


async def list_of(services: Services, user_id: int) -> Sequence[Granted]:
    """Every grant of a user, revoked ones too, the newest first."""
    async with services.statements.transaction() as tx:
        return await queries.list_grants(tx, user_id)


async def list_periods(services: Services, user_id: int) -> Sequence[Lying]:
    """Every span of access a user has or had, in the order in which they were given."""
    async with services.statements.transaction() as tx:
        return await queries.list_periods(tx, user_id)


async def _read(tx: Transaction, grant_id: UUID) -> Granted:
    found = await queries.get_grant(tx, grant_id)
    if found is None:
        raise GrantNotFound
    return found


async def _write_down(
    tx: Transaction, action: str, user_id: int, deed: Deed, grant_id: UUID, **details: object
) -> None:
    await audit.record(
        tx,
        action,
        deed,
        user_id=user_id,
        details={"grant_id": str(grant_id)} | details,
    )
