"""What the client sends, and what it reads from a good answer; over real sockets."""

import base64

import pytest

from billing_service.kit.http import httpx
from billing_service.yookassa.client import YookassaClient
from tests.yookassa.bad_provider import KEY, PAYMENT_ID, PENDING, SECRET_KEY, SHOP_ID, answer, talking_to

BODY = '{"amount":{"currency":"RUB","value":"299.00"},"description":"PRO месяц"}'.encode()


async def test_a_created_payment_is_sent_byte_for_byte_under_its_key() -> None:
    async with talking_to(answer(200, PENDING)) as (yookassa, provider):
        payment = await yookassa.create_payment(BODY, idempotence_key=KEY)

    assert payment.confirmation_url == "https://yoomoney.ru/checkout?orderId=1"
    request = provider.received[0]
    assert request.line == "POST /v3/payments HTTP/1.1"
    assert request.body == BODY
    assert request.headers["idempotence-key"] == KEY
    assert request.headers["content-type"] == "application/json"


async def test_every_request_carries_the_shop_and_its_key() -> None:
    async with talking_to(answer(200, PENDING)) as (yookassa, provider):
        await yookassa.get_payment(PAYMENT_ID)

    scheme, _, credentials = provider.received[0].headers["authorization"].partition(" ")
    assert scheme == "Basic"
    assert base64.b64decode(credentials).decode() == f"{SHOP_ID}:{SECRET_KEY}"


async def test_a_payment_is_asked_about_without_a_key() -> None:
    async with talking_to(answer(200, PENDING)) as (yookassa, provider):
        payment = await yookassa.get_payment(PAYMENT_ID)

    assert payment.status == "pending"
    assert provider.received[0].line == f"GET /v3/payments/{PAYMENT_ID} HTTP/1.1"
    assert "idempotence-key" not in provider.received[0].headers


async def test_a_capture_without_a_body_takes_everything() -> None:
    captured = PENDING | {"status": "succeeded", "paid": True}
    async with talking_to(answer(200, captured)) as (yookassa, provider):
        payment = await yookassa.capture_payment(PAYMENT_ID, idempotence_key=KEY)

    assert payment.paid
    request = provider.received[0]
    assert request.line == f"POST /v3/payments/{PAYMENT_ID}/capture HTTP/1.1"
    assert (request.body, request.headers["idempotence-key"]) == (b"", KEY)


async def test_a_cancel_without_a_body_lets_everything_go() -> None:
    async with talking_to(answer(200, PENDING | {"status": "canceled"})) as (yookassa, provider):
        payment = await yookassa.cancel_payment(PAYMENT_ID, idempotence_key=KEY)

    assert payment.status == "canceled"
    request = provider.received[0]
    assert request.line == f"POST /v3/payments/{PAYMENT_ID}/cancel HTTP/1.1"
    assert (request.body, request.headers["idempotence-key"]) == (b"", KEY)


async def test_the_shop_behind_the_key_can_be_asked_for() -> None:
    me = {"account_id": SHOP_ID, "test": True, "status": "enabled", "fiscalization_enabled": True, "itn": "7"}
    async with talking_to(answer(200, me)) as (yookassa, provider):
        account = await yookassa.get_me()

    assert (account.account_id, account.test, account.fiscalization_enabled) == (SHOP_ID, True, True)
    assert provider.received[0].line == "GET /v3/me HTTP/1.1"


@pytest.mark.parametrize("key", ["", "x" * 65, "a b", "ключ", "a\r\nX-Evil: 1", "key\n"])
async def test_a_key_the_provider_would_refuse_is_never_sent(key: str) -> None:
    async with talking_to() as (yookassa, provider):
        with pytest.raises(ValueError, match="idempotence key"):
            await yookassa.create_payment(BODY, idempotence_key=key)
        with pytest.raises(ValueError, match="idempotence key"):
            await yookassa.capture_payment(PAYMENT_ID, idempotence_key=key)

    assert provider.received == []


@pytest.mark.parametrize("key", ["k", "x" * 64, "0-_.+Z"])
async def test_any_key_the_provider_takes_is_sent(key: str) -> None:
    async with talking_to(answer(200, PENDING)) as (yookassa, provider):
        await yookassa.create_payment(BODY, idempotence_key=key)

    assert provider.received[0].headers["idempotence-key"] == key


@pytest.mark.parametrize(
    "payment_id", ["", "..", "../me", "a/capture", "a%2Fb", "a?b", "a#b", "a\\b", "id\n", "x" * 65]
)
async def test_an_id_that_could_leave_its_path_is_never_sent(payment_id: str) -> None:
    async with talking_to() as (yookassa, provider):
        with pytest.raises(ValueError, match="not the id"):
            await yookassa.get_payment(payment_id)
        with pytest.raises(ValueError, match="not the id"):
            await yookassa.capture_payment(payment_id, idempotence_key=KEY)

    assert provider.received == []


async def test_every_kind_of_waiting_has_its_limit() -> None:
    seen: list[httpx.Request] = []

    def remember(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return httpx.Response(200, json=PENDING)

    async with YookassaClient(
        shop_id=SHOP_ID,
        secret_key=SECRET_KEY,
        api_url="https://api.invalid/v3/",
        transport=httpx.MockTransport(remember),
    ) as yookassa:
        await yookassa.get_payment(PAYMENT_ID)

    assert seen[0].extensions["timeout"] == {"connect": 5.0, "read": 35.0, "write": 35.0, "pool": 5.0}
    assert str(seen[0].url) == f"https://api.invalid/v3/payments/{PAYMENT_ID}"


async def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    async with talking_to(answer(200, PENDING)) as (yookassa, provider):
        await yookassa.get_payment(PAYMENT_ID)

    assert len(provider.received) == 1
