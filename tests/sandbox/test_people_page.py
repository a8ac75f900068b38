"""The sandbox's own page, with plain forms."""

import html
import os
import re
import shutil
import subprocess
from datetime import timedelta

import httpx2 as httpx
import pytest

from billing_service.sandbox.app import Sandbox
from tests.sandbox.serving import served
from tests.sandbox.shop import Json, Shop
from tests.sandbox.test_receipts import a_closing_receipt, a_receipt


async def act(shop: Shop, action: str, **form: str) -> int:
    return (await shop.browser.post(f"/act/{action}", data=form)).status_code


async def page(shop: Shop) -> str:
    response = await shop.browser.get("/")
    assert response.status_code == 200
    return response.text


async def test_it_shows_payments_with_their_state_and_what_became_of_them(shop: Shop) -> None:
    payment = await shop.pay(await shop.a_payment(description="<PRO>"), card="5555555555554600")

    shown = await page(shop)

    assert "&lt;PRO&gt;" in shown
    assert "На карте не хватает денег." in shown
    assert f"payment_network: {payment['cancellation_details']['reason']}" in shown
    assert "11.01.2026 15:00:00" in shown


async def test_a_card_is_named_as_its_owner_would(shop: Shop) -> None:
    await shop.pay(await shop.a_payment(), card="2200000000000004")

    assert "Мир •••• 0004" in await page(shop)


async def test_an_empty_sandbox_says_how_a_payment_is_made(shop: Shop) -> None:
    shown = await page(shop)

    assert "Платежей пока нет" in shown
    assert "curl -u 100500:test_sandbox" in shown
    assert "Открыть магазин" not in shown


async def test_an_empty_sandbox_leads_to_the_shop_that_it_was_told_of() -> None:
    sandbox = Sandbox(notify_url=None, shop_page="http://localhost:8000/demo/")
    async with Shop(sandbox) as shop:
        assert 'href="http://localhost:8000/demo/">Открыть магазин' in await page(shop)

        await shop.a_payment()

        assert "Открыть магазин" not in await page(shop)


def test_the_command_that_an_empty_sandbox_shows_makes_a_payment() -> None:
    if shutil.which("curl") is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("there is no curl on this machine")
    with served() as address, httpx.Client(base_url=address, trust_env=False) as browser:
        (command,) = re.findall(r"<pre>(curl .*?)</pre>", browser.get("/").text, re.DOTALL)
        environment = os.environ | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        subprocess.run(
            ["bash", "-c", html.unescape(command)], env=environment, check=True, capture_output=True
        )

        (payment,) = browser.get("/_sandbox/payments").json()["results"]

    assert payment["amount"]["value"] == "299.00"


async def shown_for(shop: Shop, asked: str) -> list[str]:
    """The payments that a search shows, newest first."""
    response = await shop.browser.get("/", params={"q": asked})
    assert response.status_code == 200
    return re.findall(r'<details class="payment" data-key="([^"]+)"', response.text)


async def test_a_payment_is_found_by_any_of_its_numbers(shop: Shop) -> None:
    wanted = await shop.a_payment(metadata={"payment_id": "4a8b9f5e-2a58-4c4b-9a53-0f6d6c1b7e11"})
    other = await shop.pay(await shop.a_payment())
    refund = await shop.order(f"/payments/{other['id']}/refund", amount={"value": "1.00"})
    order = {"payment_id": other["id"], "amount": {"value": "2.00", "currency": "RUB"}}
    ours = (await shop.post("/refunds", order | {"metadata": {"refund_id": "our-refund-77"}})).json()

    assert await shown_for(shop, wanted["id"]) == [wanted["id"]]
    assert await shown_for(shop, " 4A8B9F5E-2a58 ") == [wanted["id"]]
    assert await shown_for(shop, refund["id"]) == [other["id"]]
    assert await shown_for(shop, ours["id"]) == [other["id"]]
    assert await shown_for(shop, "our-refund") == [other["id"]]
    assert await shown_for(shop, "") == [other["id"], wanted["id"]]
    assert await shown_for(shop, "nobody") == []


async def test_a_payment_is_found_by_the_number_of_its_receipt(shop: Shop) -> None:
    await shop.change_shop(fiscalization=True)
    await shop.a_payment(receipt=a_receipt())
    paid = await shop.pay(await shop.a_payment(receipt=a_receipt()))
    closing = (await shop.post("/receipts", a_closing_receipt(paid))).json()

    assert await shown_for(shop, closing["id"]) == [paid["id"]]


async def test_a_search_reaches_payments_that_are_too_old_for_the_page(shop: Shop) -> None:
    oldest = await shop.a_payment(description="the oldest")
    for _ in range(50):
        await shop.a_payment()

    assert "the oldest" not in await page(shop)
    assert await shown_for(shop, oldest["id"]) == [oldest["id"]]


async def test_what_is_searched_for_stays_while_buttons_are_pressed(shop: Shop) -> None:
    payment = await shop.a_payment()

    pressed = await shop.browser.post(
        f"/act/decline/{payment['id']}?q=%D0%90%26b", data={"reason": "call_issuer"}
    )
    again = await shop.browser.post(f"/act/decline/{payment['id']}?q=nobody", data={"reason": "call_issuer"})

    assert pressed.headers["Location"] == "/?q=%D0%90%26b"
    assert again.status_code == 409
    assert "Ничего не нашлось" in again.text


async def test_nothing_that_is_searched_for_breaks_the_page(shop: Shop) -> None:
    await shop.a_payment()

    answer = await shop.browser.get("/", params={"q": '"><script>\ud7ff\x00' * 100})

    assert answer.status_code == 200
    assert "<script>" not in answer.text.replace("<script src=", "")


async def test_features_are_switches_that_say_how_they_stand(shop: Shop) -> None:
    before = re.findall(r'role="switch" aria-checked="(\w+)"', await page(shop))

    await act(shop, "switch/fiscalization")

    after = re.findall(r'role="switch" aria-checked="(\w+)"', await page(shop))
    assert before == ["true", "true", "false", "false", "false"]
    assert after == ["true", "true", "true", "false", "false"]


async def test_a_clock_that_the_service_shares_is_not_stopped_here() -> None:
    async def leap(by: timedelta) -> None:
        pytest.fail(f"nobody asked for {by}")

    async with Shop(Sandbox(notify_url=None, leap=leap)) as shop:
        assert "общие с сервисом" in await page(shop)
        assert "/act/freeze" not in await page(shop)


async def test_buttons_pay_and_refund(shop: Shop) -> None:
    payment = await shop.a_payment()

    paid = await act(shop, f"pay/{payment['id']}", card="5555555555554444")
    partly = await act(shop, f"refund/{payment['id']}", amount="99,50")
    wholly = await act(shop, f"refund/{payment['id']}", amount="")

    assert (paid, partly, wholly) == (303, 303, 303)
    refunds = (await shop.look("/refunds"))["results"]
    assert [refund["amount"]["value"] for refund in refunds] == ["199.50", "99.50"]


async def test_buttons_decline_capture_and_void(shop: Shop) -> None:
    declined = await shop.a_payment()
    taken, voided = [await shop.pay(await shop.a_payment(capture=False)) for _ in range(2)]

    await act(shop, f"decline/{declined['id']}", reason="call_issuer")
    await act(shop, f"capture/{taken['id']}")
    await act(shop, f"void/{voided['id']}")

    statuses = [(await shop.payment(each["id"]))["status"] for each in (declined, taken, voided)]
    assert statuses == ["canceled", "succeeded", "canceled"]


async def test_buttons_turn_the_clock(shop: Shop) -> None:
    await act(shop, "advance", seconds="3600")
    advanced = await shop.look("/clock")
    await act(shop, "run")
    running = await shop.look("/clock")
    await act(shop, "freeze")

    assert advanced == {"now": "2026-01-11T13:00:00.000Z", "frozen": True}
    assert running["frozen"] is False
    assert (await shop.look("/clock"))["frozen"] is True


async def test_buttons_switch_features_and_order_faults(shop: Shop) -> None:
    await act(shop, "switch/recurring")
    await act(shop, "add-fault", fault="create_payment/error_500")
    ordered = (await shop.look("/faults"))["results"]
    await act(shop, "clear-faults")

    assert (await shop.look("/shop"))["recurring"] is False
    assert [(rule["operation"], rule["fault"], rule["count"]) for rule in ordered] == [
        ("create_payment", "error_500", 1)
    ]
    assert (await shop.look("/faults"))["results"] == []


async def test_buttons_bind_cards_and_decide_how_charges_end(shop: Shop) -> None:
    body: Json = {
        "type": "bank_card",
        "confirmation": {"type": "redirect", "return_url": "https://shop.example/"},
    }
    pending = (await shop.post("/payment_methods", body)).json()
    await act(shop, f"bind/{pending['id']}", card="2202474301322987")
    await act(shop, f"doom/{pending['id']}", reason="card_expired")
    doomed = await shop.look(f"/payment_methods/{pending['id']}")
    await act(shop, f"doom/{pending['id']}", reason="")

    assert (doomed["status"], doomed["declines"]["reason"]) == ("active", "card_expired")
    assert "declines" not in await shop.look(f"/payment_methods/{pending['id']}")


async def test_a_button_sends_a_notification_again(shop: Shop) -> None:
    await shop.pay(await shop.a_payment())
    await shop.wait(seconds=1)

    await act(shop, "resend/n1")
    await shop.wait(seconds=1)

    assert len((await shop.look("/notifications"))["results"][0]["attempts"]) == 2


async def test_a_button_forgets_everything(shop: Shop) -> None:
    await shop.a_payment()

    await act(shop, "reset")

    assert (await shop.look("/payments"))["results"] == []


@pytest.mark.parametrize(
    ("action", "form", "words"),
    [
        ("pay/{}", {"card": "4242424242424242"}, "это не тестовая карта"),
        ("pay/nothing", {"card": "5555555555554444"}, "такого платежа нет"),
        ("capture/{}", {}, "Payment can not be captured in current status"),
        ("refund/{}", {}, "Payment can not be refunded in current status"),
        ("refund/{}", {"amount": "много"}, "сумма не понятна"),
        ("refund/{}", {"amount": "NaN"}, "сумма не понятна"),
        ("refund/{}", {"amount": "1e2"}, "сумма не понятна"),
        ("refund/{}", {"amount": "1.999"}, "сумма не понятна"),
        ("advance", {"seconds": "-1"}, "время идёт вперёд"),
        ("advance", {"seconds": "nan"}, "время идёт вперёд"),
        ("switch/secret_key", {}, "такого переключателя нет"),
        ("add-fault", {"fault": "create_payment/explode"}, "такой поломки нет"),
    ],
)
async def test_what_cannot_be_done_is_explained(
    shop: Shop, action: str, form: dict[str, str], words: str
) -> None:
    payment = await shop.a_payment()

    response = await shop.browser.post(f"/act/{action.format(payment['id'])}", data=form)

    assert response.status_code == 409
    assert words in response.text
    assert (await shop.payment(payment["id"]))["status"] == "pending"


async def test_other_sites_buttons_do_nothing(shop: Shop) -> None:
    await shop.a_payment()

    response = await shop.browser.post("/act/reset", headers={"Sec-Fetch-Site": "cross-site"})

    assert response.status_code == 403
    assert len((await shop.look("/payments"))["results"]) == 1


@pytest.mark.parametrize("page", ["/pay/{}", "/act/pay/{}"])
@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"no boundary"),
        ("multipart/form-data; boundary=b", b"--b\r\nno header\r\n\r\n"),
        ("application/x-www-form-urlencoded", b"&".join([b"card=1"] * 5000)),
    ],
)
async def test_what_is_no_form_presses_nothing(shop: Shop, page: str, kind: str, body: bytes) -> None:
    payment = await shop.a_payment()

    response = await shop.browser.post(
        page.format(payment["id"]), content=body, headers={"Content-Type": kind}
    )

    assert response.status_code in {409, 422}
    assert (await shop.payment(payment["id"]))["status"] == "pending"


async def test_there_is_no_other_button(shop: Shop) -> None:
    assert await act(shop, "explode") == 404
