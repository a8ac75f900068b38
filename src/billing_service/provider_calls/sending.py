"""Send an intent to the provider: committed before, its outcome committed after, no connection held between.

The idempotence key is our row's id and the bytes are the stored ones, so whoever repeats this continues the same
operation. Only one sender at a time: the claim is a lease on the row, which ends by itself if the sender dies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Generic, Self
from uuid import UUID

import structlog

from billing_service.alarms import service as alarms
from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.crypto import UnreadableSecret
from billing_service.kit.transaction import Row as Record
from billing_service.kit.transaction import Transaction
from billing_service.provider_calls.kinds import Kind, Row, Seen, Settlement, record
from billing_service.services import Services
from billing_service.yookassa.errors import OutcomeUnknown, Rejected, Unavailable, YookassaError

log = structlog.get_logger()

# The client gives up after 35 s, so a lease that old belongs to a sender that died.
LEASE = timedelta(seconds=45)


class MayNotBeSent(Exception):
    """What it stood on holds no more: it is only asked about from now on."""


@dataclass(frozen=True)
class Claim(Generic[Row]):
    """The right to send: the sealed request, whether an earlier one may have left, and the lease it is held by.

    `made`: the row as it was inserted, if this is its first sending.
    """

    intent_id: UUID
    sealed: bytes
    was_in_doubt: bool
    lease_until: datetime
    made: Row | None = None

    @classmethod
    def of_new(cls, row: Row) -> Self:
        """Of a row that was written down with its request and its lease: whoever inserts is the first to send."""
        assert row.request_body is not None  # noqa: S101 (it was inserted with both)
        assert row.send_lease_until is not None  # noqa: S101
        return cls(row.id, row.request_body, was_in_doubt=False, lease_until=row.send_lease_until, made=row)


def claim_statement(kind: Kind[Row, Seen]) -> str:
    """Stamp the row as being sent now, unless somebody else sends it, or it may no longer be sent, or not here."""
    return f"""
        WITH before AS (
            SELECT id, request_body, outcome_unknown FROM {kind.table}
            WHERE id = $1 AND status = 'PENDING' AND {kind.provider_id} IS NULL AND request_body IS NOT NULL
                AND shop_id = $2 AND is_test = $3
                AND (send_lease_until IS NULL OR send_lease_until < billing_now())
                AND (first_sent_at IS NULL OR first_sent_at > billing_now() - $4::interval)
            FOR UPDATE
        )
        UPDATE {kind.table} intent SET
            first_sent_at = coalesce(first_sent_at, billing_now()), last_sent_at = billing_now(),
            send_lease_until = billing_now() + $5::interval,
            -- It was missed before this, which may bring it about.
            absent_since = NULL,
            -- A kill from here on leaves the truth: it may have left.
            outcome_unknown = true
        FROM before WHERE intent.id = before.id
        RETURNING before.request_body AS sealed, before.outcome_unknown AS was_in_doubt,
            intent.send_lease_until AS lease_until
    """  # noqa: S608 (names of our own tables)


def release_statement(kind: Kind[Row, Seen]) -> str:
    """Give the lease back, if it is still ours: else another sender goes on, or the outcome is known."""
    return f"""
        UPDATE {kind.table} SET send_lease_until = NULL, outcome_unknown = $3
        WHERE id = $1 AND send_lease_until = $2 RETURNING id
    """  # noqa: S608


async def send(services: Services, kind: Kind[Row, Seen], intent_id: UUID) -> bool:
    """Post it, or post it again with the same key and bytes, and keep what the provider answered.

    Raises `MayNotBeSent`. False if it was not ours to send: another sender holds it, the provider has it already, it is
    too old, or it belongs to another shop, where the same key would start another operation.
    """
    claim = await _claim(services, kind, intent_id)
    if claim is None:
        return False
    await post(services, kind, claim)
    return True


async def _claim(services: Services, kind: Kind[Row, Seen], intent_id: UUID) -> Claim[Row] | None:
    settings = services.settings
    values = (intent_id, settings.shop_id, settings.shop_is_test, kind.repeat_for, LEASE)

    async def claim(tx: Transaction) -> Sequence[Record]:
        if kind.may_send and not await kind.may_send(tx, settings, await kind.lock(tx, intent_id)):
            raise MayNotBeSent(intent_id)
        return await tx.rows(claim_statement(kind), *values)

    claimed = await (
        services.statements.turns.take_or_queue(claim)
        if kind.may_send
        else services.statements.fetch(claim_statement(kind), *values)
    )
    return Claim(intent_id, **claimed[0]) if claimed else None


async def post(services: Services, kind: Kind[Row, Seen], claim: Claim[Row]) -> Settlement[Row] | None:
    """Send what was claimed. None when nothing is known yet: then the row stays open, and asking goes on.

    A definite refusal ends it, but only if no earlier request may have left with an unknown outcome. A refused key of
    ours (401) is no refusal: the row stays open and is sent once the key works.
    """
    with kind.about(claim.intent_id):
        return await _post(services, kind, claim)


async def _post(services: Services, kind: Kind[Row, Seen], claim: Claim[Row]) -> Settlement[Row] | None:
    try:
        body = services.vault.open(claim.sealed)
        seen = await kind.post(services, body, str(claim.intent_id))
    except UnreadableSecret:
        async with services.statements.transaction() as tx:
            ids = {f"{kind.name}_id": claim.intent_id}
            await alarms.raise_once(tx, Alarm.UNREADABLE_REQUEST, claim.intent_id, **ids)
        await _release(services, kind, claim)
    except Rejected as error:
        if not claim.was_in_doubt:
            return await _with_its_place_taken(services, kind, await _refused(services, kind, claim, error))
        await _release(services, kind, claim)
    except Unavailable as error:
        alarm_if_our_key_is_refused(kind, claim.intent_id, error)
        await _release(services, kind, claim)
    except OutcomeUnknown as error:
        alarm_if_our_key_is_refused(kind, claim.intent_id, error)
        await _release(services, kind, claim, in_doubt=True)
    else:
        return await _kept(services, kind, claim, seen) or await record(services, kind, claim.intent_id, seen)
    return None


async def _kept(
    services: Services, kind: Kind[Row, Seen], claim: Claim[Row], seen: Seen
) -> Settlement[Row] | None:
    if kind.keep is None or claim.made is None:
        return None
    return await kind.keep(services, claim.made, seen)


def alarm_if_our_key_is_refused(kind: Kind[Row, Seen], intent_id: UUID, error: YookassaError) -> None:
    """A rotated key shows as such, or as doubt when an earlier request may have left."""
    if error.status == HTTPStatus.UNAUTHORIZED:
        raise_alarm(Alarm.PROVIDER_REFUSES_OUR_KEY, error_id=error.error_id, **{f"{kind.name}_id": intent_id})


async def _release(
    services: Services, kind: Kind[Row, Seen], claim: Claim[Row], *, in_doubt: bool = False
) -> None:
    doubt = in_doubt or claim.was_in_doubt
    released = await services.statements.fetch(
        release_statement(kind), claim.intent_id, claim.lease_until, doubt
    )
    if released:
        log.warning(kind.event("left_open"), in_doubt=doubt, **{f"{kind.name}_id": claim.intent_id})


async def _with_its_place_taken(
    services: Services, kind: Kind[Row, Seen], refused: Settlement[Row] | None
) -> Settlement[Row] | None:
    """What came of a refusal: of the intent that took the place of the refused one, if one did, which is sent now."""
    if refused is None or refused.instead is None:
        return refused
    claim = await _claim(services, kind, refused.instead)
    return None if claim is None else await post(services, kind, claim)


async def _refused(
    services: Services, kind: Kind[Row, Seen], claim: Claim[Row], error: Rejected
) -> Settlement[Row] | None:
    async def refuse(tx: Transaction) -> Settlement[Row] | None:
        row = await kind.lock(tx, claim.intent_id)
        if row.send_lease_until != claim.lease_until:
            return None
        return await kind.refuse(tx, services.settings, row, error)

    return await services.statements.turns.take_or_queue(refuse)
