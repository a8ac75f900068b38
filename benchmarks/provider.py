"""A provider that costs next to nothing, so that what is measured is the service. What is asked about has been paid.

The sandbox checks every field, keeps a history and has its faults; beside it two builds of the service look alike.
"""

import itertools
from base64 import b64decode
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import orjson
import typer
import uvicorn

from billing_service.config import SANDBOX_SHOP_ID

PAGE = "https://yoomoney.ru/checkout/payments/v2/contract?orderId="
# What it makes, and what is told of in its name. A payment that was never posted to it has the id that it has with us.
MADE = "-5000-8000-18db351245c7"
JSON = [(b"content-type", b"application/json")]


class Provider:
    """Answers `POST /v3/payments`, `GET /v3/payments/{id}` and `GET /v3/payment_methods/{id}`; else an empty list."""

    def __init__(self) -> None:
        self._payments: dict[str, dict[str, Any]] = {}
        self._made: dict[str, str] = {}
        self._numbers = itertools.count()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:  # noqa: ANN401 (ASGI)
        if scope["type"] != "http":
            return
        answer = self._answer(scope, await _body(receive))
        await send({"type": "http.response.start", "status": 200, "headers": JSON})
        await send({"type": "http.response.body", "body": orjson.dumps(answer)})

    def _answer(self, scope: dict[str, Any], body: bytes) -> dict[str, Any]:
        headers = dict(scope["headers"])
        if scope["method"] == "POST" and scope["path"] == "/v3/payments":
            shop = b64decode(headers[b"authorization"].split()[1]).decode().split(":")[0]
            return self._created(headers[b"idempotence-key"].decode(), shop, orjson.loads(body))
        asked = scope["path"].rpartition("/")[2]
        if "/payment_methods/" in scope["path"]:
            return {"id": asked, "type": "bank_card", "saved": True, "status": "active"}
        if found := self._payments.get(asked) or _bought_elsewhere(asked):
            return found | {"status": "succeeded", "paid": True, "captured_at": _now()}
        return {"type": "list", "items": []}

    def _created(self, key: str, shop: str, wish: dict[str, Any]) -> dict[str, Any]:
        if key in self._made:
            return self._payments[self._made[key]]
        payment_id = f"{next(self._numbers):08x}-000f{MADE}"
        link = f"{PAGE}{payment_id}"
        self._made[key] = payment_id
        self._payments[payment_id] = {
            "id": payment_id,
            "status": "pending",
            "paid": False,
            "amount": wish["amount"],
            "confirmation": {"type": "redirect", "confirmation_url": link},
            "created_at": _now(),
            "description": wish.get("description"),
            "metadata": wish.get("metadata", {}),
            "recipient": {"account_id": shop, "gateway_id": "1"},
            "refundable": False,
            "test": True,
        }
        return self._payments[payment_id]


def _bought_elsewhere(payment_id: str) -> dict[str, Any] | None:
    if payment_id.endswith(MADE) or len(payment_id) != len(str(UUID(int=0))):
        return None
    return {
        "id": payment_id,
        "amount": {"value": "299.00", "currency": "RUB"},
        "created_at": _now(),
        "metadata": {"billing_payment_id": payment_id},
        "recipient": {"account_id": SANDBOX_SHOP_ID, "gateway_id": "1"},
        "refundable": False,
        "test": True,
    }


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


async def _body(receive: Any) -> bytes:  # noqa: ANN401 (ASGI)
    body: bytes = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            return body


def serve(port: int) -> None:
    uvicorn.run(Provider(), host="127.0.0.1", port=port, lifespan="off", access_log=False, log_config=None)


if __name__ == "__main__":
    typer.run(serve)
