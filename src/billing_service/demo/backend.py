"""What the main backend does: it calls the service's HTTP API with its token, in the name of a user."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from starlette.types import ASGIApp

from billing_service.config import DEV_TOKEN
from billing_service.demo.visitors import Visitor
from billing_service.kit.http import httpx

Json = dict[str, Any]
LEGACY = "/api/v1/billing/"
# The version of the sentence beside the box that a visitor ticks (home.html).
CONSENT = "demo-1"
NOTHING: Mapping[str, str] = MappingProxyType({})


class Refused(Exception):
    """The service answered an error; its message is Russian and may be shown."""

    def __init__(
        self,
        status: int,
        message: str,
        request_id: str,
        retry_after: str | None,
        *,
        code: str = "",
        fields: Mapping[str, str] = NOTHING,
    ) -> None:
        super().__init__(message)
        self.code = code
        self.fields = fields
        self.status = status
        self.message = message
        self.request_id = request_id
        self.retry_after = retry_after


class MainBackend:
    """Every call raises `Refused` for an answer that is not a success. `service` is called in this process."""

    def __init__(self, service: ASGIApp) -> None:
        # Never closed: this transport opens nothing.
        self._http = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=service),
            base_url="http://billing/",
            headers={"Authorization": f"Bearer {DEV_TOKEN}"},
        )

    async def plans(self, visitor: Visitor) -> list[Json]:
        listed: list[Json] = await self._call(visitor, "GET", f"{LEGACY}plans/")
        return listed

    async def me(self, visitor: Visitor) -> Json:
        return await self._object(visitor, "GET", f"{LEGACY}me/")

    async def subscription(self, visitor: Visitor) -> Json:
        return await self._object(visitor, "GET", f"{LEGACY}subscription/")

    async def payments(self, visitor: Visitor) -> list[Json]:
        """The newest ten, newest first."""
        listed: list[Json] = (await self._object(visitor, "GET", f"{LEGACY}payments/"))["results"]
        return listed

    async def payment(self, visitor: Visitor, payment_id: str) -> Json:
        return await self._object(visitor, "GET", f"{LEGACY}payments/{payment_id}/")

    async def buy(
        self, visitor: Visitor, plan_code: str, return_url: str, email: str | None, *, keep_card: bool
    ) -> Json:
        """A repeat is safe: while nobody has paid, the service hands out the same payment again. `keep_card`: the
        visitor has agreed to be charged again."""
        order: Json = {"plan_code": plan_code, "return_url": return_url}
        if keep_card:
            order |= {"save_payment_method": True, "consent": {"document_version": CONSENT}}
        if email is not None:
            order["receipt_contact"] = {"email": email}
        return await self._object(visitor, "POST", f"{LEGACY}create-payment/", order)

    async def renew(self, visitor: Visitor, *, on: bool) -> None:
        """The visitor's wish that the subscription goes on by itself. A repeat changes nothing."""
        await self._call(visitor, "POST", f"{LEGACY}subscription/autorenew/", {"enabled": on})

    async def refuse_card(self, visitor: Visitor) -> None:
        """For good: no method of this user is charged again. A repeat changes nothing."""
        await self._call(visitor, "DELETE", f"{LEGACY}payment-method/")

    async def give_days(self, visitor: Visitor, plan_code: str, days: int, key: str) -> None:
        """As support would. A repeat with the same key gives nothing more."""
        path = f"/internal/v1/users/{visitor.user_id}/grants/"
        gift = {"plan_code": plan_code, "days": days, "reason": "Проба в демо", "author": "demo"}
        await self._call(visitor, "POST", path, gift, {"Idempotency-Key": key})

    async def spend_photo(self, visitor: Visitor) -> None:
        """Not safe to repeat: every call is one photo more."""
        path = f"/internal/v1/users/{visitor.user_id}/usage/consume/"
        await self._call(visitor, "POST", path, {"amount": 1})

    async def _object(self, visitor: Visitor, method: str, path: str, body: Json | None = None) -> Json:
        answered: Json = await self._call(visitor, method, path, body)
        return answered

    async def _call(
        self,
        visitor: Visitor,
        method: str,
        path: str,
        body: Json | None = None,
        more: Mapping[str, str] = NOTHING,
    ) -> Any:  # noqa: ANN401 (JSON)
        # Whoever quotes the number of a failed click leads support to every line about it in the log.
        headers = {"X-User-Id": str(visitor.user_id), "X-Request-ID": visitor.request_id, **more}
        response = await self._http.request(method, path, json=body, headers=headers)
        if response.is_success:
            return response.json()
        error = response.json()["error"]
        raise Refused(
            response.status_code,
            error["message"],
            error["request_id"],
            response.headers.get("Retry-After"),
            code=error["code"],
            fields=error["details"].get("fields", {}),
        )
