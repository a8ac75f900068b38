"""/me, and the subscriptions of OAuth applications."""

import httpx2 as httpx
import pytest

from billing_service.sandbox.app import Sandbox
from tests.sandbox.shop import Json, Listener, Shop

OAUTH = {"Authorization": "Bearer test_oauth", "Idempotence-Key": "w"}


async def test_me_tells_what_the_shop_is(shop: Shop) -> None:
    me = (await shop.get("/me")).json()

    assert me == {
        "account_id": "100500",
        "test": True,
        "status": "enabled",
        "fiscalization_enabled": False,
        "payment_methods": ["bank_card", "yoo_money"],
    }


async def test_me_tells_that_receipts_are_needed(shop: Shop) -> None:
    await shop.change_shop(fiscalization=True, test=False)

    me = (await shop.get("/me")).json()

    assert me["fiscalization"] == {"enabled": True, "provider": "yoo_receipt"}
    assert me["test"] is False


async def test_webhooks_are_not_for_shops_with_a_key(shop: Shop) -> None:
    response = await shop.get("/webhooks")

    assert (response.status_code, response.json()["code"]) == (403, "forbidden")


async def test_a_wrong_token_is_refused(shop: Shop) -> None:
    response = await shop.api.get("/me", headers={"Authorization": "Bearer wrong"}, auth=None)

    assert response.status_code == 401


@pytest.fixture
async def application(sandbox: Sandbox) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=sandbox.app), base_url="http://sandbox/v3", headers=OAUTH
    )


async def test_an_application_subscribes_and_hears(
    sandbox: Sandbox, shop: Shop, listener: Listener, application: httpx.AsyncClient
) -> None:
    await shop.change_shop(notify_url=None)
    hook = (
        await application.post("/webhooks", json={"event": "payment.canceled", "url": "https://app.example/"})
    ).json()
    await shop.pay(await shop.a_payment())
    await shop.pay(await shop.a_payment(), card="5555555555554600")

    await sandbox.delivered()

    assert listener.events == ["payment.canceled"]
    assert (await application.get("/webhooks")).json() == {"type": "list", "items": [hook]}


async def test_an_application_unsubscribes(application: httpx.AsyncClient) -> None:
    hook = (
        await application.post("/webhooks", json={"event": "payment.canceled", "url": "https://app.example/"})
    ).json()

    removed = await application.delete(f"/webhooks/{hook['id']}")

    assert (removed.status_code, removed.json()) == (200, {})
    assert (await application.get("/webhooks")).json()["items"] == []
    assert (await application.delete(f"/webhooks/{hook['id']}")).status_code == 404


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({"event": "payment.pending", "url": "https://app.example/"}, "event"),
        ({"event": "payment.canceled", "url": "app.example"}, "url"),
        ({"event": "payment.canceled"}, "url"),
    ],
)
async def test_a_bad_subscription_is_named(
    application: httpx.AsyncClient, body: Json, parameter: str
) -> None:
    response = await application.post("/webhooks", json=body)

    assert (response.status_code, response.json()["parameter"]) == (400, parameter)


async def test_there_is_one_subscription_for_each_event(application: httpx.AsyncClient) -> None:
    body = {"event": "payment.canceled", "url": "https://app.example/"}
    await application.post("/webhooks", json=body)

    second = await application.post("/webhooks", json=body, headers={"Idempotence-Key": "w2"})

    assert (second.status_code, second.json()["parameter"]) == (400, "event")
