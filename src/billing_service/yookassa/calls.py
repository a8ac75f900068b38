"""One call: a few attempts inside one budget of time, and one line in the log about all of them."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TypeVar

import structlog

from billing_service.observability.metrics import YOOKASSA_SECONDS
from billing_service.yookassa.errors import OutcomeUnknown, Rejected, Unauthorized, YookassaError
from billing_service.yookassa.schemas import Payment, Refund

T = TypeVar("T")
log = structlog.get_logger(__name__)


async def repeated(
    operation: str,
    attempt: Callable[[float], Awaitable[T]],
    *,
    waits: Sequence[float],
    seconds: float,
    about: Mapping[str, str] | None = None,
) -> T:
    """Try, and try again after each of `waits` seconds (jittered), all of it within `seconds`.

    `attempt` is given the deadline on the loop's clock and must keep it. Only Unavailable and OutcomeUnknown
    are repeated, but not under a key that was refused; a longer wait the provider asks for is honoured when it
    fits, else the call ends at once.

    After one OutcomeUnknown the call can only succeed or end as OutcomeUnknown: a later refusal speaks of
    the repeat, not of what the first attempt may have done (a key rotated in between gives 401, a key the
    provider remembers 400), and so does a later lack of connection.

    `about` is the provider's id of what is asked about, by the name it has in the log; the lines name it, or what is
    answered.
    """
    clock = asyncio.get_running_loop().time
    deadline = clock() + seconds
    in_doubt = False
    with _logged(operation, about) as facts:
        for number, wait in enumerate((*waits, None), start=1):
            facts["attempt"] = number
            try:
                answer = await attempt(deadline)
            except YookassaError as error:
                in_doubt = in_doubt or isinstance(error, OutcomeUnknown)
                failure = _undecided(error) if in_doubt else error
                pause = _pause(wait, error)
                if pause is None or clock() + pause >= deadline:
                    raise failure  # noqa: B904 -- its cause is set where it is made
            else:
                facts.update(_named_by(answer))
                return answer
            log.warning(
                "yookassa.repeated",
                operation=operation,
                wait_seconds=round(pause, 3),
                **facts,
                **_facts(failure),
            )
            await asyncio.sleep(pause)
    raise AssertionError("unreachable: the last attempt returns or raises")


def _pause(wait: float | None, error: YookassaError) -> float | None:
    """Seconds to the next attempt, None for no more of them."""
    if wait is None or isinstance(error, Rejected | Unauthorized):
        return None
    jittered = wait * random.uniform(0.5, 1.0)  # noqa: S311 -- it spreads load, it guards nothing
    return max(jittered, error.retry_after or 0)


def _undecided(error: YookassaError) -> OutcomeUnknown:
    if isinstance(error, OutcomeUnknown):
        return error
    unknown = OutcomeUnknown(
        f"{error}, after an attempt whose outcome is unknown",
        status=error.status,
        error_id=error.error_id,
        retry_after=error.retry_after,
    )
    unknown.__cause__ = error
    return unknown


@contextmanager
def _logged(operation: str, about: Mapping[str, str] | None) -> Iterator[dict[str, object]]:
    """Exactly one line for each call, however it ends; "interrupted" when the caller stopped waiting."""
    started = time.monotonic()
    facts: dict[str, object] = dict(about or {})
    ending: dict[str, object] = {"outcome": "interrupted"}
    try:
        yield facts
        ending = {"outcome": "answered", "status": 200}
    except YookassaError as error:
        ending = _facts(error)
        raise
    finally:
        seconds = time.monotonic() - started
        YOOKASSA_SECONDS.labels(operation, str(ending["outcome"])).observe(seconds)
        log.info("yookassa.called", operation=operation, duration_ms=round(seconds * 1000), **facts, **ending)


def _named_by(answer: object) -> dict[str, object]:
    if isinstance(answer, Refund):
        return {"yookassa_refund_id": answer.id, "yookassa_payment_id": answer.payment_id}
    return {"yookassa_payment_id": answer.id} if isinstance(answer, Payment) else {}


def _facts(error: YookassaError) -> dict[str, object]:
    return {"outcome": error.outcome, "status": error.status, "error_id": error.error_id}
