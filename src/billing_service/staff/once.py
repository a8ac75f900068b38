"""An act is done once under the key of its form, whatever is clicked, repeated or killed; others see what it did."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from billing_service.kit.errors import BillingError
from billing_service.services import Services
from billing_service.staff import queries
from billing_service.web.errors.requests import IdempotencyKeyReused

# Whoever does it is done, or dead, by then: a call to the provider takes 8 s of it at most.
LEASE = timedelta(seconds=60)
LOOK_SECONDS, PATIENCE_SECONDS = 0.2, 15.0

Outcome = Mapping[str, Any]
# Told whether it was begun before, and may have been done in part.
Work = Callable[[bool], Awaitable[Outcome]]


@dataclass(frozen=True)
class Form:
    """Who sent which act with which words, under which key."""

    key: UUID
    account: str
    act: str
    fingerprint: str


async def do(services: Services, form: Form, work: Work) -> Outcome | None:
    """What came of it: of `work` now, or of what was done under this key before. None while somebody is still at it.

    What `work` refuses (a `BillingError` other than 5xx) leaves the key free. After a failure or a kill the next click
    does it again, so `work` is itself safe to repeat under the key. Raises `IdempotencyKeyReused` for other words.
    """
    ends_at = asyncio.get_running_loop().time() + PATIENCE_SECONDS
    while True:
        async with services.statements.transaction() as tx:
            claimed = await queries.claim_act(
                tx, form.key, account=form.account, act=form.act, fingerprint=form.fingerprint, lease=LEASE
            )
        if claimed is not None:
            if (claimed.account, claimed.act, claimed.fingerprint) != (
                form.account,
                form.act,
                form.fingerprint,
            ):
                raise IdempotencyKeyReused
            if claimed.is_mine:
                return await _do(services, form.key, work, again=claimed.again)
            if claimed.outcome is not None:
                return claimed.outcome
        if asyncio.get_running_loop().time() > ends_at:
            return None
        await asyncio.sleep(LOOK_SECONDS)


async def _do(services: Services, key: UUID, work: Work, *, again: bool) -> Outcome:
    try:
        outcome = await work(again)
    except Exception as error:
        was_refused = isinstance(error, BillingError) and error.status < 500
        end = queries.drop_act if was_refused else queries.let_go_of_act
        async with services.statements.transaction() as tx:
            await end(tx, key)
        raise
    async with services.statements.transaction() as tx:
        await queries.conclude_act(tx, key, outcome)
    return outcome


async def outcome_of(services: Services, account: str, key: UUID) -> tuple[str, Outcome | None] | None:
    """Which act it was and what came of it, None while somebody is at it; nothing for who did not send it himself."""
    found = await queries.get_act(services.statements, key)
    return None if found is None or found.account != account else (found.act, found.outcome)
