"""Who may call, and JSON errors on every path."""

import httpx2 as httpx
import pytest

from billing_service.sandbox.app import Sandbox
from tests.sandbox.shop import Shop


@pytest.mark.parametrize(
    ("authorization", "description"),
    [
        (None, "Authorization header not found"),
        ("Basic !!!", "Basic authentication failed"),
        ("Digest MTAwNTAwOnRlc3Rfc2FuZGJveA==", "Basic authentication failed"),
        ("Basic MTAwNTAwOndyb25n", "Error in shopId or secret key"),
    ],
)
async def test_wrong_credentials_are_refused(
    sandbox: Sandbox, authorization: str | None, description: str
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=sandbox.app)) as stranger:
        response = await stranger.get("http://sandbox/v3/payments/1", headers=headers)

    assert response.status_code == 401
    assert response.json()["code"] == "invalid_credentials"
    assert response.json()["description"].startswith(description)


async def test_a_rotated_key_no_longer_opens(shop: Shop) -> None:
    await shop.change_shop(secret_key="test_another")

    response = await shop.get("/payments/1")

    assert response.status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "//payments", 404, "not_found"),
        ("DELETE", "/payments", 405, None),
        ("PUT", "/payments/1", 405, None),
    ],
)
async def test_every_path_answers_errors_in_json(
    shop: Shop, method: str, path: str, status: int, code: str | None
) -> None:
    response = await shop.api.request(method, f"http://sandbox/v3{path}")

    assert response.status_code == status
    assert response.headers["Content-Type"] == "application/json"
    assert response.json()["type"] == "error"
    assert response.json().get("code") == code
    assert len(response.json()["id"]) == 36


async def test_another_content_type_is_415(shop: Shop) -> None:
    response = await shop.api.post("/payments", data={"amount": "1"}, headers={"Idempotence-Key": "k"})

    assert response.status_code == 415
    assert "code" not in response.json()


@pytest.mark.parametrize(
    "body", [b"{", b"[]", b"\xff", b'{"description": "\\ud800"}', b"[" * 100_000, b'{"a": NaN}']
)
async def test_an_unreadable_body_is_400(shop: Shop, body: bytes) -> None:
    headers = {"Idempotence-Key": "k", "Content-Type": "application/json"}

    response = await shop.api.post("/payments", content=body, headers=headers)

    assert response.status_code == 400
    assert response.json()["description"] == "Failed to parse request body"
