"""The connection to the service, and how a call is carried out."""

import asyncio
import logging
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self
from uuid import uuid4

import httpx2 as httpx

from eatfit24_billing.answers import raise_for
from eatfit24_billing.errors import AnswerLost, BillingError, NotReached
from eatfit24_billing.generated.repeats import REPEATS
from eatfit24_billing.retries import Retries, Tries

logger = logging.getLogger("eatfit24_billing")
KEY = "Idempotency-Key"
NOT_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


class Billing:
    """One for a process and event loop: `async with Billing(url, token) as billing`.

    Its operations are functions under `generated.api`: `await usage.get_usage(billing, 1001)`. Each raises `Refused`
    or `Unavailable`, with the class of its code. What the contract allows is tried again within `retries`.
    """

    def __init__(
        self,
        url: str,
        token: str,
        *,
        retries: Retries = Retries(),  # noqa: B008 (frozen)
        timeout: float = 12.0,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._retries = retries
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(timeout, connect=2.0),
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        await self._http.aclose()

    async def send(self, operation: str, method: str, url: str, **sent: Any) -> httpx.Response:  # noqa: ANN401 (httpx's)
        """A good answer to `operation`, as the document calls it; every other one is raised as what it says."""
        return await self.send_within(self._retries, operation, method, url, **sent)

    async def send_within(
        self,
        retries: Retries,
        operation: str,
        method: str,
        url: str,
        **sent: Any,  # noqa: ANN401
    ) -> httpx.Response:
        """The same, with other bounds than this client's own."""
        sent["headers"] = _with_key(operation, sent.get("headers", {}))
        safe, tries = _is_safe(operation, sent), Tries(retries)
        while True:
            try:
                return await self._try(method, url, sent)
            except BillingError as failure:
                wait = tries.wait_after(failure, safe=safe)
                if wait is None:
                    raise
                logger.info("billing.tried_again", extra={"operation": operation, "code": failure.code})
            await asyncio.sleep(wait)

    async def _try(self, method: str, url: str, sent: Mapping[str, Any]) -> httpx.Response:
        try:
            response = await self._http.request(method, url, **sent)
        except NOT_SENT as error:
            raise NotReached(str(error)) from error
        except httpx.TransportError as error:
            raise AnswerLost(f"{type(error).__name__} {error}".strip()) from error
        raise_for(response)
        return response


def _with_key(operation: str, headers: Mapping[str, str]) -> dict[str, str]:
    """One key for all tries: the caller's own, or a new one."""
    keyed = REPEATS.get(operation) == KEY
    return {KEY: uuid4().hex, **headers} if keyed else dict(headers)


def _is_safe(operation: str, sent: Mapping[str, Any]) -> bool:
    match REPEATS.get(operation, "never"):
        case "always":
            return True
        case "Idempotency-Key":
            return KEY in sent["headers"]
        case named:  # a field of the body that tells a repeat from a second call
            return bool((sent.get("json") or {}).get(named))
