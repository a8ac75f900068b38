"""Buying with a card that is kept, and what is left of it."""

from typing import Any

from billing_service.kit.http import httpx
from billing_service.services import Services
from tests.stage import GOOD_CARD, USER, BackOffice, MainBackend, work_off

CONSENT = {"document_version": "2026-11"}
SAVING = {"plan_code": "PRO_MONTHLY", "save_payment_method": True}


async def order(api: MainBackend, user: int = USER, *, consent: bool = True, **more: Any) -> dict[str, Any]:  # noqa: ANN401
    """A purchase that asks for saving, with the user's consent."""
    headers = {name: more.pop(name) for name in list(more) if name[0].isupper()}
    body = SAVING | ({"consent": CONSENT} if consent else {}) | more
    response = await api.post("create-payment/", body, user, **headers)
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json()
    return created


async def keep_a_card(
    api: MainBackend, office: BackOffice, services: Services, card: str = GOOD_CARD, user: int = USER
) -> dict[str, Any]:
    created = await order(api, user)
    await office.pay(created, card)
    await work_off(services)
    return created


async def confirm(office: BackOffice, card: str | None = None) -> str:
    """Its owner confirms the newest binding; answers the provider's id of it."""
    method_id: str = (await office.call("GET", "/payment_methods"))["results"][0]["id"]
    await office.call("POST", f"/payment_methods/{method_id}/confirm", {"card": card} if card else {})
    await office.sandbox.delivered()
    return method_id


async def shown(api: MainBackend, user: int = USER) -> dict[str, Any]:
    method: dict[str, Any] = (await api.get("payment-method/", user)).json()
    return method


async def refuse(api: MainBackend, user: int = USER, **headers: str) -> dict[str, Any]:
    response = await delete(api, "payment-method/", user, **headers)
    assert response.status_code == 200, response.text
    receipt: dict[str, Any] = response.json()
    return receipt


async def delete(api: MainBackend, path: str, user: int = USER, **headers: str) -> httpx.Response:
    named = {"X-User-Id": str(user)} | {name.replace("_", "-"): value for name, value in headers.items()}
    return await api.http.delete(f"/api/v1/billing/{path}", headers=named)
