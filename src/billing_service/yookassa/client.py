"""The provider's API, as much of it as we use. Every request goes out here, never inside a transaction."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self, TypeVar

from pydantic import BaseModel, SecretStr

from billing_service.kit.http import httpx
from billing_service.kit.http_pool import PooledTransport
from billing_service.yookassa.answers import lost_answer, read_answer
from billing_service.yookassa.calls import repeated
from billing_service.yookassa.errors import NotFound, OutcomeUnknown, Rejected, Unavailable, YookassaError
from billing_service.yookassa.schemas import (
    OBJECT_ID,
    Account,
    BoundMethod,
    Page,
    Payment,
    PaymentPage,
    Refund,
    RefundPage,
    Unreadable,
)

Answer = TypeVar("Answer", bound=BaseModel)
Item = TypeVar("Item")

# The provider may take 30 s to decide (its documents on synchronous answers), so that reading waits longer.
TIMEOUTS: Final = httpx.Timeout(35.0, connect=5.0, pool=5.0)
CONNECTIONS, KEPT_SECONDS = 100, 30.0

PAGE: Final = 100

_KEY = re.compile(r"[0-9A-Za-z+_.-]{1,64}")


class YookassaClient:
    """One shop at YooKassa. Close it with `aclose()` or use it as an async context manager.

    Every call ends within `seconds` and raises nothing but the three kinds of `errors.py`, or ValueError
    before anything is sent. Inside that time an attempt without a definite answer is repeated after each of
    `waits`: the very same request with the same key. Whoever cancels a POST midway must take its outcome as
    unknown.

    A key protects for 24 hours from its first use; later the same key starts a new operation.
    """

    def __init__(
        self,
        *,
        shop_id: str,
        secret_key: str,
        api_url: str,
        transport: httpx.AsyncBaseTransport | None = None,
        seconds: float = 35.0,
        waits: Sequence[float] = (1.0, 3.0),
    ) -> None:
        self._seconds = seconds
        self._waits = tuple(waits)
        self._http = httpx.AsyncClient(
            base_url=api_url,
            auth=httpx.BasicAuth(shop_id, secret_key),
            timeout=TIMEOUTS,
            follow_redirects=False,
            trust_env=False,
            transport=transport or PooledTransport(connections=CONNECTIONS, keepalive_seconds=KEPT_SECONDS),
        )

    async def create_payment(self, body: bytes, *, idempotence_key: str) -> Payment:
        """Create a payment from the bytes of `new_payment_body`, or get the one that this key created before.

        What comes back for a repeated key may be the state of then rather than of now: where it matters,
        `get_payment` says.
        """
        created = await self._post("create_payment", "/payments", body, idempotence_key, Payment)
        return await self._told_with_refunds(created)

    async def capture_payment(self, payment_id: str, *, idempotence_key: str) -> Payment:
        """Take all the money that a payment in `waiting_for_capture` holds."""
        path, about = f"/payments/{_object_id(payment_id)}/capture", {"yookassa_payment_id": payment_id}
        captured = await self._post("capture_payment", path, b"", idempotence_key, Payment, about=about)
        return await self._told_with_refunds(captured)

    async def cancel_payment(self, payment_id: str, *, idempotence_key: str) -> Payment:
        """Let all the money go that a payment in `waiting_for_capture` holds."""
        path, about = f"/payments/{_object_id(payment_id)}/cancel", {"yookassa_payment_id": payment_id}
        return await self._post("cancel_payment", path, b"", idempotence_key, Payment, about=about)

    async def get_payment(self, payment_id: str) -> Payment:
        """The payment as it is now. NotFound when this shop has none with this id; never OutcomeUnknown."""
        path, about = f"/payments/{_object_id(payment_id)}", {"yookassa_payment_id": payment_id}
        return await self._with_refunds(await self._find("get_payment", path, Payment, about))

    async def list_payments(
        self, *, created_from: datetime, created_to: datetime
    ) -> AsyncIterator[Payment | Unreadable]:
        """Every payment created in between, both ends included, newest first, page by page.

        Each page is a question of its own, repeated as any question is; an error ends the walk. Never OutcomeUnknown.
        """
        asked = _between(created_from, created_to)
        async for payment in self._list("list_payments", "/payments", PaymentPage, asked):
            yield payment if isinstance(payment, Unreadable) else await self._with_refunds(payment)

    async def create_refund(self, body: bytes, *, idempotence_key: str) -> Refund:
        """Send money back by the bytes of `new_refund_body`, or get the refund that this key created before.

        A refund that did not go through is an answer too: it is `canceled`. As with `create_payment` a repeat may
        answer the state of then.
        """
        return await self._post("create_refund", "/refunds", body, idempotence_key, Refund)

    async def get_refund(self, refund_id: str) -> Refund:
        """The refund as it is now. NotFound when this shop has none with this id; never OutcomeUnknown."""
        path, about = f"/refunds/{_object_id(refund_id)}", {"yookassa_refund_id": refund_id}
        return await self._find("get_refund", path, Refund, about)

    async def list_refunds(
        self, *, created_from: datetime, created_to: datetime
    ) -> AsyncIterator[Refund | Unreadable]:
        """Every refund created in between, of whatever payment, as `list_payments` lists payments."""
        asked = _between(created_from, created_to)
        async for refund in self._list("list_refunds", "/refunds", RefundPage, asked):
            yield refund

    async def list_refunds_of(self, payment_id: str) -> Sequence[Refund | Unreadable]:
        """Every refund of this payment of the provider's, whatever became of it. Never OutcomeUnknown."""
        asked = {"payment_id": _object_id(payment_id), "limit": str(PAGE)}
        return [refund async for refund in self._list("list_refunds", "/refunds", RefundPage, asked)]

    async def create_payment_method(self, body: bytes, *, idempotence_key: str) -> BoundMethod:
        """Begin to keep a card by the bytes of `new_binding_body`, or get what this key began before."""
        return await self._post(
            "create_payment_method", "/payment_methods", body, idempotence_key, BoundMethod
        )

    async def get_payment_method(self, method_id: SecretStr) -> BoundMethod:
        """The method as it is now. NotFound when this shop has none with this id; never OutcomeUnknown. The id is
        named in no line of the log."""
        path = f"/payment_methods/{_object_id(method_id.get_secret_value())}"
        return await self._find("get_payment_method", path, BoundMethod, {})

    async def get_me(self) -> Account:
        """The shop behind the credentials. Never OutcomeUnknown."""
        return await self._get("get_me", "/me", Account)

    async def aclose(self) -> None:
        """Close the connections; calls under way fail."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _with_refunds(self, payment: Payment) -> Payment:
        """Whoever settles a payment must know what of it has gone back already."""
        if not payment.has_refunds:
            return payment
        return payment.with_refunds(await self.list_refunds_of(payment.id))

    async def _told_with_refunds(self, payment: Payment) -> Payment:
        """The same behind a POST: that it was done is certain, so that a question unanswered is no refusal of it."""
        try:
            return await self._with_refunds(payment)
        except YookassaError as error:
            raise OutcomeUnknown(
                str(error), status=error.status, error_id=error.error_id, retry_after=error.retry_after
            ) from error

    async def _find(
        self, operation: str, path: str, answer: type[Answer], about: Mapping[str, str]
    ) -> Answer:
        try:
            return await self._get(operation, path, answer, about=about)
        except Rejected as refusal:
            if refusal.status != 400:
                raise
            # Reported from the field: an id the shop does not have may be answered 400 instead of 404.
            raise NotFound(
                status=refusal.status,
                error_id=refusal.error_id,
                code=refusal.code,
                description=refusal.description,
                parameter=refusal.parameter,
            ) from refusal

    async def _list(
        self, operation: str, path: str, page_of: type[Page[Item]], asked: Mapping[str, str]
    ) -> AsyncIterator[Item]:
        cursor: dict[str, str] = {}
        while True:
            page = await self._get(operation, path, page_of, {**asked, **cursor})
            for item in page.items:
                yield item
            if page.next_cursor is None:
                return
            cursor = {"cursor": page.next_cursor}

    async def _post(
        self,
        operation: str,
        path: str,
        body: bytes,
        idempotence_key: str,
        answer: type[Answer],
        *,
        about: Mapping[str, str] | None = None,
    ) -> Answer:
        headers = {"Idempotence-Key": _key(idempotence_key)}
        if body:
            headers["Content-Type"] = "application/json"
        request = self._http.build_request("POST", path, content=body, headers=headers)

        async def attempt(deadline: float) -> Answer:
            return await self._send(request, deadline, answer)

        return await repeated(operation, attempt, waits=self._waits, seconds=self._seconds, about=about)

    async def _get(
        self,
        operation: str,
        path: str,
        answer: type[Answer],
        asked: Mapping[str, str] | None = None,
        *,
        about: Mapping[str, str] | None = None,
    ) -> Answer:
        request = self._http.build_request("GET", path, params=asked)

        async def attempt(deadline: float) -> Answer:
            try:
                return await self._send(request, deadline, answer)
            except OutcomeUnknown as error:
                # A question changes nothing, so that its outcome is never in doubt.
                raise Unavailable(
                    str(error), status=error.status, error_id=error.error_id, retry_after=error.retry_after
                ) from error

        return await repeated(operation, attempt, waits=self._waits, seconds=self._seconds, about=about)

    async def _send(self, request: httpx.Request, deadline: float, answer: type[Answer]) -> Answer:
        try:
            async with asyncio.timeout_at(deadline):
                response = await self._http.send(request)
        except TimeoutError as error:
            raise OutcomeUnknown("no answer in time") from error
        except httpx.RequestError as error:
            raise lost_answer(error) from error
        return read_answer(response, answer)


def _between(created_from: datetime, created_to: datetime) -> Mapping[str, str]:
    return {
        "created_at.gte": _moment(created_from),
        "created_at.lte": _moment(created_to),
        "limit": str(PAGE),
    }


def _moment(when: datetime) -> str:
    return when.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _key(text: str) -> str:
    if not _KEY.fullmatch(text):
        raise ValueError("an idempotence key has 1 to 64 characters of 0-9 A-Z a-z + _ . -")
    return text


def _object_id(text: str) -> str:
    """It goes into a path: anything that could leave it is refused before it is sent."""
    if not OBJECT_ID.fullmatch(text):
        raise ValueError("not the id of an object at YooKassa")
    return text
