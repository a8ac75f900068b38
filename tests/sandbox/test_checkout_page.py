"""The page where a person pays."""

import pytest

from tests.sandbox.shop import BACK, Shop


async def test_the_page_shows_what_is_paid_and_says_that_this_is_a_test(shop: Shop) -> None:
    payment = await shop.a_payment(description="PRO <b>месяц</b>")

    page = await shop.browser.get(payment["confirmation"]["confirmation_url"])

    assert page.status_code == 200
    assert "Тестовый магазин" in page.text
    assert "299,00\u00a0₽" in page.text
    assert "PRO &lt;b&gt;месяц&lt;/b&gt;" in page.text


async def test_a_card_pays_and_leads_back_unchanged(shop: Shop) -> None:
    back = "https://shop.example/назад?o=A%2017&x=a+b#done"
    payment = await shop.a_payment(confirmation={"type": "redirect", "return_url": back})

    answer = await shop.browser.post(f"/pay/{payment['id']}", data={"card": "4111 1111 1111 1111"})

    assert answer.status_code == 303
    assert answer.headers["Location"] == (
        "https://shop.example/%D0%BD%D0%B0%D0%B7%D0%B0%D0%B4?o=A%2017&x=a+b#done"
    )
    assert (await shop.payment(payment["id"]))["status"] == "succeeded"


async def test_a_declined_card_leads_back_too(shop: Shop) -> None:
    payment = await shop.a_payment()

    answer = await shop.browser.post(f"/pay/{payment['id']}", data={"card": "5555555555554600"})

    assert (answer.status_code, answer.headers["Location"]) == (303, BACK)
    assert (await shop.payment(payment["id"]))["cancellation_details"]["reason"] == "insufficient_funds"


async def test_a_3d_secure_card_asks_once_more(shop: Shop) -> None:
    payment = await shop.a_payment()
    asked = await shop.browser.post(f"/pay/{payment['id']}", data={"card": "5555555555554477"})
    page = await shop.browser.get(asked.headers["Location"])
    assert (await shop.payment(payment["id"]))["status"] == "pending"

    answer = await shop.browser.post(f"/pay/{payment['id']}/3ds", data={"code": "1", "answer": "confirm"})

    paid = await shop.payment(payment["id"])
    assert "Банк просит подтвердить" in page.text
    assert answer.headers["Location"] == BACK
    assert paid["authorization_details"]["three_d_secure"] == {"applied": True}


async def test_refusing_3d_secure_declines_the_payment(shop: Shop) -> None:
    payment = await shop.a_payment()
    await shop.browser.post(f"/pay/{payment['id']}", data={"card": "5555555555554477"})

    await shop.browser.post(f"/pay/{payment['id']}/3ds", data={"answer": "refuse"})

    assert (await shop.payment(payment["id"]))["cancellation_details"]["reason"] == "3d_secure_failed"


async def test_a_shop_can_enforce_3d_secure(shop: Shop) -> None:
    confirmation = {"type": "redirect", "return_url": BACK, "enforce": True}
    payment = await shop.a_payment(confirmation=confirmation)

    answer = await shop.browser.post(f"/pay/{payment['id']}", data={"card": "5555555555554444"})

    assert answer.headers["Location"] == f"/pay/{payment['id']}"
    assert (await shop.payment(payment["id"]))["status"] == "pending"


@pytest.mark.parametrize(
    ("number", "problem"),
    [
        ("", "Введите номер карты"),
        ("5555-5555-5555-4444", "только цифры"),
        ("٥٥٥٥٥٥٥٥٥٥٥٥٤٤٤٤", "только цифры"),
        ("5555", "от 13 до 19 цифр"),
        ("4242424242424242", "настоящие карты он не принимает"),
    ],
)
async def test_a_bad_number_is_explained_and_nothing_happens(shop: Shop, number: str, problem: str) -> None:
    payment = await shop.a_payment()

    page = await shop.browser.post(f"/pay/{payment['id']}", data={"card": number})

    assert page.status_code == 422
    assert problem in page.text
    assert (await shop.payment(payment["id"]))["status"] == "pending"


async def test_a_payer_who_may_try_again_reads_why_the_card_failed(shop: Shop) -> None:
    await shop.change_shop(decline_keeps_pending=True)
    payment = await shop.a_payment()
    answer = await shop.browser.post(f"/pay/{payment['id']}", data={"card": "5555555555554600"})

    page = await shop.browser.get(answer.headers["Location"])

    assert "На карте не хватает денег" in page.text


async def test_a_finished_payment_cannot_be_paid_again(shop: Shop) -> None:
    payment = await shop.a_payment()
    await shop.pay(payment, card="5555555555554600")

    page = await shop.browser.post(f"/pay/{payment['id']}", data={"card": "4111111111111111"})

    assert "Оплата не прошла" in page.text
    assert (await shop.payment(payment["id"]))["status"] == "canceled"


async def test_an_unknown_address_is_a_page_too(shop: Shop) -> None:
    unknown_payment = await shop.browser.get("/pay/nothing")
    unknown_page = await shop.browser.get("/nowhere")

    assert (unknown_payment.status_code, unknown_page.status_code) == (404, 404)
    assert "Здесь ничего нет" in unknown_payment.text


async def test_the_page_loads_nothing_from_elsewhere(shop: Shop) -> None:
    payment = await shop.a_payment()

    page = await shop.browser.get(f"/pay/{payment['id']}")

    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert (await shop.browser.get("/static/checkout.css")).status_code == 200


async def test_a_wallet_pays_by_a_button(shop: Shop) -> None:
    payment = await shop.a_payment()

    answer = await shop.browser.post(f"/pay/{payment['id']}", data={"method": "yoo_money"})

    assert answer.headers["Location"] == BACK
    assert (await shop.payment(payment["id"]))["payment_method"]["type"] == "yoo_money"
