"""What the main backend does: it calls the service's HTTP API with its token, in the name of a user."""

from typing import Any

from starlette.types import ASGIApp

from billing_service.config import DEV_TOKEN
from billing_service.kit.http import httpx

Json = dict[str, Any]


class Refused(Exception):
    """The service answered an error; its message is Russian and may be shown."""

    def __init__(self, status: int, message: str, request_id: str, retry_after: str | None) -> None:
        super().__init__(message)
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
            base_url="http://billing/api/v1/billing/",
            headers={"Authorization": f"Bearer {DEV_TOKEN}"},
        )

    async def plans(self, user_id: int) -> list[Json]:
        listed: list[Json] = await self._call(user_id, "GET", "plans/")
        return listed

    async def me(self, user_id: int) -> Json:
        return await self._object(user_id, "GET", "me/")

    async def subscription(self, user_id: int) -> Json:
        return await self._object(user_id, "GET", "subscription/")

    async def payments(self, user_id: int) -> list[Json]:
        """The newest ten, newest first."""
        listed: list[Json] = (await self._object(user_id, "GET", "payments/"))["results"]
        return listed

    async def payment(self, user_id: int, payment_id: str) -> Json:
        return await self._object(user_id, "GET", f"payments/{payment_id}/")

    async def buy(self, user_id: int, plan_code: str, return_url: str) -> Json:
        """A repeat is safe: while nobody has paid, the service hands out the same payment again."""
        order = {"plan_code": plan_code, "return_url": return_url}
        return await self._object(user_id, "POST", "create-payment/", order)

    async def _object(self, user_id: int, method: str, path: str, body: Json | None = None) -> Json:
        answered: Json = await self._call(user_id, method, path, body)
        return answered

    async def _call(self, user_id: int, method: str, path: str, body: Json | None = None) -> Any:  # noqa: ANN401 (JSON)
        response = await self._http.request(method, path, json=body, headers={"X-User-Id": str(user_id)})
        if response.is_success:
            return response.json()
        error = response.json()["error"]
        raise Refused(
            response.status_code, error["message"], error["request_id"], response.headers.get("Retry-After")
        )
