"""May this user do it now, and does it count? `reserve` before, `commit` or `release` after."""

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import date
from types import TracebackType
from typing import Any
from uuid import uuid4

import httpx2 as httpx

from eatfit24_billing.client import Billing
from eatfit24_billing.errors import BillingError, Refused, Unavailable
from eatfit24_billing.generated.api import usage
from eatfit24_billing.generated.codes import (
    AmountAboveLimit,
    DailyLimitReached,
    LimitHeld,
    OperationExpired,
    OperationNotFound,
)
from eatfit24_billing.generated.models import CommitIn, ConsumeIn, ExtendIn, ReserveIn, UsageOut
from eatfit24_billing.journal import Decision, Journal
from eatfit24_billing.retries import Retries

logger = logging.getLogger("eatfit24_billing")
# Somebody waits for the first answer. The last one is owed and told later, so nobody waits for it long either.
PATIENCE = Retries(attempts=3, within=3.0)
# What a commit of something that has happened may be told, where it must count in another way.
UNKNOWN_OR_OVER = (OperationNotFound, OperationExpired, DailyLimitReached, LimitHeld, AmountAboveLimit)


@dataclass(frozen=True)
class Allow:
    """While the service cannot be asked, each user is let through `n_per_day` times a day."""

    n_per_day: int


def allow(n_per_day: int) -> Allow:
    return Allow(n_per_day)


deny = Allow(0)


@dataclass
class Use:
    """What was decided. `figures` are the service's, and None if it could not be asked.

    `amount` may be set inside to what was needed in the end: that many count, and what is held beyond it is free.
    """

    operation_id: str
    figures: UsageOut | None
    amount: int
    _guards: "Guards"

    async def extend(self, ttl_seconds: int = 300) -> None:
        """It takes longer: hold the place until that much from now. Raises `OperationExpired` if its time was over."""
        await self._guards.extend(self, ttl_seconds)

    @property
    def decided_without_the_service(self) -> bool:
        return self.figures is None


class Guards:
    """Makes guards, and tells the service afterwards what was decided without it.

    `async with guards.guard(user_id, "photo_ai", when_unavailable=allow(2)): ...` raises `Refused` when the service
    says no, and `Unavailable` when it cannot be asked and `when_unavailable` lets nobody through. An exception inside
    gives the place back; so does, after `ttl_seconds`, the death of the process. Nothing is remembered of a refusal.
    """

    def __init__(
        self, billing: Billing, journal: Journal | None = None, *, patience: Retries = PATIENCE
    ) -> None:
        self._billing = _Impatient(billing, patience)
        self._journal = journal or Journal()
        self._something_is_due = True  # another process may have left it
        self._reports: set[asyncio.Task[int]] = set()

    def guard(
        self,
        user_id: int,
        feature: str = "photo_ai",
        *,
        operation_id: str | None = None,
        amount: int = 1,
        ttl_seconds: int = 300,
        when_unavailable: Allow = deny,
    ) -> "Guard":
        """`operation_id` should be the id of what is done, so that doing it again after a crash counts once."""
        named = Decision(operation_id or uuid4().hex, user_id, feature, amount, ttl_seconds)
        return Guard(self, named, when_unavailable)

    async def aclose(self) -> None:
        """Waits for reports that are under way."""
        await asyncio.gather(*self._reports, return_exceptions=True)
        self._journal.close()

    async def report(self) -> int:
        """Tell the service what was decided without it, each once; how many it was told. Raises `Unavailable`.

        Happens by itself after the next answer of the service; call it at start and now and then where guards are rare.
        """
        told, self._something_is_due = 0, False
        while claimed := await asyncio.to_thread(self._journal.claim):
            for decision, day in claimed:
                await self._tell(decision, day)
                told += 1
        return told

    async def reserve(self, decision: Decision) -> UsageOut:
        body = ReserveIn(decision.operation_id, decision.amount, decision.ttl_seconds, decision.feature)
        figures = await usage.reserve_usage(self._billing, decision.user_id, body=body)
        self._report_soon()
        return figures

    async def admit(self, decision: Decision, when_unavailable: Allow, failure: Unavailable) -> None:
        """Decide without the service. Raises `failure` if nobody, or not this user any more, is let through."""
        n = when_unavailable.n_per_day
        admitted = n > 0 and await asyncio.to_thread(self._journal.admit, decision, n)
        told = {
            "user_id": decision.user_id,
            "feature": decision.feature,
            "allowed": admitted,
            "code": failure.code,
        }
        logger.warning(
            "billing.decided_without_the_service", extra=told | {"operation_id": decision.operation_id}
        )
        if not admitted:
            raise failure

    async def extend(self, use: Use, ttl_seconds: int) -> None:
        if use.decided_without_the_service:
            await asyncio.to_thread(self._journal.move, use.operation_id, "running")
        else:
            await usage.extend_usage(self._billing, use.operation_id, body=ExtendIn(ttl_seconds))

    async def commit(self, decision: Decision) -> None:
        """Raises `OperationExpired` if it took longer than its time and its place is taken, and what `consume` raises
        if more is needed than was held: then nothing counts."""
        try:
            await usage.commit_usage(self._billing, decision.operation_id, body=CommitIn(decision.amount))
        except Refused:
            await self.release(decision)
            raise
        except Unavailable as failure:
            logger.warning(
                "billing.commit_owed", extra={"operation_id": decision.operation_id, "code": failure.code}
            )
            await asyncio.to_thread(self._journal.owe, decision)
            self._something_is_due = True

    async def release(self, decision: Decision) -> None:
        """Never raises: what cannot be given back now frees itself."""
        try:
            await usage.release_usage(self._billing, decision.operation_id)
        except BillingError as failure:
            logger.warning(
                "billing.not_released", extra={"operation_id": decision.operation_id, "code": failure.code}
            )

    async def conclude(self, decision: Decision, *, succeeded: bool) -> None:
        """What was let through without the service has ended."""
        state = "due" if succeeded else "given_back"
        await asyncio.to_thread(self._journal.conclude, decision, state)
        self._something_is_due |= succeeded

    def _report_soon(self) -> None:
        if self._something_is_due and not self._reports:
            self._reports.add(report := asyncio.create_task(self.report()))
            report.add_done_callback(self._reported)

    def _reported(self, report: "asyncio.Task[int]") -> None:
        self._reports.discard(report)
        if not report.cancelled() and (failure := report.exception()):
            self._something_is_due = True
            logger.warning("billing.report_failed", extra={"reason": repr(failure)})

    async def _tell(self, decision: Decision, day: str) -> None:
        try:
            await self._count(decision, day)
            outcome = "reported"
        except Refused as refusal:
            outcome = "not_counted"
            logger.warning(
                "billing.not_counted", extra={"operation_id": decision.operation_id, "code": refusal.code}
            )
        except Unavailable:
            await asyncio.to_thread(self._journal.move, decision.operation_id, "due")
            raise
        await asyncio.to_thread(self._journal.move, decision.operation_id, outcome)
        logger.info(
            "billing.decision_reported", extra={"operation_id": decision.operation_id, "outcome": outcome}
        )

    async def _count(self, decision: Decision, day: str) -> None:
        """A reservation whose answer was lost is there and counts on its own day; what the service knows nothing of, or
        has given the place of to somebody else, has happened all the same, on this day."""
        try:
            await usage.commit_usage(self._billing, decision.operation_id, body=CommitIn(decision.amount))
        except UNKNOWN_OR_OVER:
            on = date.fromisoformat(day)
            body = ConsumeIn(decision.amount, decision.operation_id, decision.feature, on)
            await usage.consume_usage(self._billing, decision.user_id, body=body)


class Guard:
    """One use: an async context manager."""

    def __init__(self, guards: Guards, decision: Decision, when_unavailable: Allow) -> None:
        self._guards, self._decision, self._when_unavailable = guards, decision, when_unavailable
        self._use: Use | None = None

    async def __aenter__(self) -> Use:
        try:
            figures = await self._guards.reserve(self._decision)
        except Unavailable as failure:
            await self._guards.admit(self._decision, self._when_unavailable, failure)
            figures = None
        self._use = Use(self._decision.operation_id, figures, self._decision.amount, self._guards)
        return self._use

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._use is not None, "it was not entered"  # noqa: S101 (for the type checker)
        needed = replace(self._decision, amount=self._use.amount)
        if self._use.decided_without_the_service:
            await self._guards.conclude(needed, succeeded=kind is None)
        elif kind is None:
            await self._guards.commit(needed)
        else:
            await self._guards.release(needed)


class _Impatient:
    """The same client, for whom somebody waits."""

    def __init__(self, billing: Billing, patience: Retries) -> None:
        self._billing, self._patience = billing, patience

    async def send(self, operation: str, method: str, url: str, **sent: Any) -> httpx.Response:  # noqa: ANN401
        return await self._billing.send_within(self._patience, operation, method, url, **sent)
