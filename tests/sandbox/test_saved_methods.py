"""Saving while paying, charging without the payer, binding without a charge."""

import pytest

from billing_service.sandbox.app import Sandbox
from tests.sandbox.shop import BACK, Json, Listener, Shop

CHARGE = {"amount": {"value": "299.00", "currency": "RUB"}, "capture": True}


async def a_saved_card(shop: Shop) -> Json:
    payment = await shop.pay(await shop.a_payment(save_payment_method=True))
    method: Json = payment["payment_method"]
    return method


async def charge(shop: Shop, method: Json, **changes: object) -> Json:
    response = await shop.post("/payments", CHARGE | {"payment_method_id": method["id"]} | changes)
    assert response.status_code == 200, response.text
    charged: Json = response.json()
    return charged


async def test_a_saved_method_bears_its_payments_id(shop: Shop) -> None:
    payment = await shop.pay(await shop.a_payment(save_payment_method=True))

    method = payment["payment_method"]
    assert (method["saved"], method["status"], method["id"]) == (True, "active", payment["id"])


@pytest.mark.parametrize("save", [None, False])
async def test_what_is_not_asked_for_is_not_saved(shop: Shop, save: bool | None) -> None:
    payment = await shop.pay(await shop.a_payment(save_payment_method=save))

    method = payment["payment_method"]
    assert (method["saved"], method["status"]) == (False, "inactive")


@pytest.mark.parametrize(("word", "saved"), [("true", True), ("false", False)])
async def test_the_wish_to_save_may_be_written_as_a_string(shop: Shop, word: str, saved: bool) -> None:
    """The examples of «Привязка во время платежа» and «Платеж без сохранения» send "true" and "false" so."""
    payment = await shop.pay(await shop.a_payment(save_payment_method=word))

    assert payment["payment_method"]["saved"] is saved


async def test_a_payer_may_save_what_the_shop_left_open(shop: Shop) -> None:
    payment = await shop.pay(await shop.a_payment(), save=True)

    assert payment["payment_method"]["saved"] is True


async def test_a_payer_cannot_save_what_the_shop_refused_to(shop: Shop) -> None:
    payment = await shop.pay(await shop.a_payment(save_payment_method=False), save=True)

    assert payment["payment_method"]["saved"] is False


async def test_a_loan_cannot_be_saved(shop: Shop) -> None:
    loan = {"amount": {"value": "3000.00", "currency": "RUB"}, "payment_method_data": {"type": "sber_loan"}}

    payment = await shop.pay(await shop.a_payment(save_payment_method=True, **loan))

    assert payment["payment_method"]["saved"] is False


async def test_a_declined_card_is_not_saved(shop: Shop) -> None:
    payment = await shop.pay(await shop.a_payment(save_payment_method=True), card="5555555555554600")

    assert payment["payment_method"]["saved"] is False
    assert (await shop.look("/payment_methods"))["results"] == []


async def test_a_charge_succeeds_at_once_with_the_stored_method(shop: Shop) -> None:
    method = await a_saved_card(shop)

    charged = await charge(shop, method)

    assert (charged["status"], charged["paid"]) == ("succeeded", True)
    assert charged["id"] != method["id"]
    assert charged["payment_method"] == method
    assert "confirmation" not in charged


async def test_a_charge_may_be_held(shop: Shop) -> None:
    charged = await charge(shop, await a_saved_card(shop), capture=False)

    assert charged["status"] == "waiting_for_capture"


async def test_a_charge_is_told_like_any_payment(sandbox: Sandbox, shop: Shop, listener: Listener) -> None:
    method = await a_saved_card(shop)
    charged = await charge(shop, method)

    await sandbox.delivered()

    assert listener.heard[-1]["object"] == charged


async def test_a_declined_charge_is_an_answer_and_the_method_stays(shop: Shop) -> None:
    method = await a_saved_card(shop)
    await shop.control.patch(
        f"/payment_methods/{method['id']}", json={"decline_reason": "insufficient_funds"}
    )

    declined = await charge(shop, method)

    assert declined["status"] == "canceled"
    assert declined["cancellation_details"] == {"party": "payment_network", "reason": "insufficient_funds"}
    assert declined["payment_method"] == method


async def test_a_method_recovers_when_it_is_told_to(shop: Shop) -> None:
    method = await a_saved_card(shop)
    await shop.control.patch(
        f"/payment_methods/{method['id']}", json={"decline_reason": "permission_revoked"}
    )
    declined = await charge(shop, method)

    await shop.control.patch(f"/payment_methods/{method['id']}", json={"decline_reason": None})

    assert declined["cancellation_details"]["reason"] == "permission_revoked"
    assert (await charge(shop, method))["status"] == "succeeded"


async def test_a_revoked_permission_is_the_providers_own_word_in_a_good_answer(shop: Shop) -> None:
    """The documentation on autopayments (July 2026): one without permission answers 200, canceled by yoo_money."""
    method = await a_saved_card(shop)
    await shop.control.patch(
        f"/payment_methods/{method['id']}", json={"decline_reason": "permission_revoked"}
    )

    response = await shop.post("/payments", CHARGE | {"payment_method_id": method["id"]})

    declined = response.json()
    assert (response.status_code, declined["status"], declined["paid"]) == (200, "canceled", False)
    assert declined["cancellation_details"] == {"party": "yoo_money", "reason": "permission_revoked"}


async def test_an_unknown_method_is_named(shop: Shop) -> None:
    response = await shop.post("/payments", CHARGE | {"payment_method_id": "30f5d918-nothing"})

    assert response.status_code == 400
    assert response.json()["parameter"] == "payment_method_id"
    assert response.json()["description"].startswith("This payment_method_id doesn't exist")


async def test_a_method_that_was_not_saved_cannot_be_charged(shop: Shop) -> None:
    payment = await shop.pay(await shop.a_payment())

    response = await shop.post("/payments", CHARGE | {"payment_method_id": payment["id"]})

    assert (response.status_code, response.json()["description"]) == (400, "Payment method is not saved")


async def test_a_method_can_become_unavailable(shop: Shop) -> None:
    method = await a_saved_card(shop)
    await shop.control.patch(f"/payment_methods/{method['id']}", json={"available": False})

    response = await shop.post("/payments", CHARGE | {"payment_method_id": method["id"]})

    assert (response.status_code, response.json()["description"]) == (400, "Payment method is not available")


async def test_a_charge_may_not_ask_for_confirmation(shop: Shop) -> None:
    method = await a_saved_card(shop)
    confirmation = {"type": "redirect", "return_url": BACK}

    response = await shop.post(
        "/payments", CHARGE | {"payment_method_id": method["id"], "confirmation": confirmation}
    )

    assert response.status_code == 400
    assert response.json()["description"] == "Confirmation must be null when using payment_method_id"


@pytest.mark.parametrize(
    "wish", [{"save_payment_method": True}, {"payment_method_id": "m", "confirmation": None}]
)
async def test_a_shop_without_recurring_may_neither_save_nor_charge(shop: Shop, wish: Json) -> None:
    await shop.change_shop(recurring=False)

    response = await shop.post(
        "/payments", CHARGE | {"confirmation": {"type": "redirect", "return_url": BACK}} | wish
    )

    assert response.status_code == 403
    assert response.json()["code"] == "forbidden"
    assert response.json()["description"].startswith("This store can't make recurring payments")


async def test_raw_card_data_is_forbidden_and_not_logged(shop: Shop) -> None:
    card = {"number": "4111111111111111", "csc": "123", "expiry_year": "2030", "expiry_month": "01"}
    data = {"payment_method_data": {"type": "bank_card", "card": card}}

    response = await shop.post("/payments", CHARGE | data)

    log = await shop.control.get("/requests")
    assert (response.status_code, response.json()["description"]) == (
        403,
        "Forbidden to send raw bank card data",
    )
    assert "4111111111111111" not in log.text
    assert '"123"' not in log.text


async def a_binding(shop: Shop, **changes: object) -> Json:
    body: Json = {"type": "bank_card", "confirmation": {"type": "redirect", "return_url": BACK}}
    response = await shop.post("/payment_methods", body | changes)
    assert response.status_code == 200, response.text
    bound: Json = response.json()
    return bound


async def test_a_card_is_bound_on_a_page_without_a_charge(
    sandbox: Sandbox, shop: Shop, listener: Listener
) -> None:
    pending = await a_binding(shop, metadata={"user": "7"})
    page = await shop.browser.get(pending["confirmation"]["confirmation_url"])

    left = await shop.browser.post(f"/bind/{pending['id']}", data={"card": "2202474301322987"})
    await sandbox.delivered()

    bound = (await shop.get(f"/payment_methods/{pending['id']}")).json()
    assert (pending["status"], pending["saved"]) == ("pending", False)
    assert "Привязка карты" in page.text
    assert left.headers["Location"] == BACK
    assert (bound["status"], bound["saved"], bound["title"]) == ("active", True, "Bank card *2987")
    assert bound["holder"] == {"account_id": "100500", "gateway_id": "100700"}
    assert bound["metadata"] == {"user": "7"}
    assert listener.heard == [{"type": "notification", "event": "payment_method.active", "object": bound}]


async def test_a_bound_card_can_be_charged(shop: Shop) -> None:
    pending = await a_binding(shop)
    bound = await shop.order(f"/payment_methods/{pending['id']}/confirm")

    charged = await charge(shop, bound)

    assert charged["status"] == "succeeded"
    assert charged["payment_method"]["id"] == pending["id"]


async def test_a_failed_binding_becomes_inactive_without_a_word(
    sandbox: Sandbox, shop: Shop, listener: Listener
) -> None:
    pending = await a_binding(shop)

    await shop.browser.post(f"/bind/{pending['id']}", data={"card": "5555555555554535"})
    await sandbox.delivered()

    failed = (await shop.get(f"/payment_methods/{pending['id']}")).json()
    page = await shop.browser.get(f"/bind/{pending['id']}")
    assert (failed["status"], failed["saved"]) == ("inactive", False)
    assert "Позвоните в свой банк" in page.text
    assert listener.heard == []


async def test_a_binding_nobody_confirms_expires_after_an_hour(shop: Shop) -> None:
    pending = await a_binding(shop)

    await shop.wait(hours=1)

    expired = (await shop.get(f"/payment_methods/{pending['id']}")).json()
    assert expired["status"] == "inactive"


async def test_a_pending_binding_cannot_be_charged(shop: Shop) -> None:
    pending = await a_binding(shop)

    response = await shop.post("/payments", CHARGE | {"payment_method_id": pending["id"]})

    assert (response.status_code, response.json()["parameter"]) == (400, "payment_method_id")


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"type": "yoo_money"}, "type"),
        ({"confirmation": None}, "confirmation"),
        ({"confirmation": {"type": "qr"}}, "confirmation"),
    ],
)
async def test_a_bad_binding_is_refused(shop: Shop, changes: Json, parameter: str) -> None:
    body: Json = {"type": "bank_card", "confirmation": {"type": "redirect", "return_url": BACK}}

    response = await shop.post("/payment_methods", body | changes)

    assert (response.status_code, response.json()["parameter"]) == (400, parameter)


async def test_the_page_offers_to_save_when_the_shop_is_set_so(shop: Shop) -> None:
    await shop.change_shop(offer_saving=True)
    payment = await shop.a_payment()
    page = await shop.browser.get(f"/pay/{payment['id']}")
    await shop.browser.post(f"/pay/{payment['id']}", data={"card": "5555555555554477", "save": "yes"})

    await shop.browser.post(f"/pay/{payment['id']}/3ds", data={"answer": "confirm"})

    assert "Запомнить для следующих списаний" in page.text
    assert (await shop.payment(payment["id"]))["payment_method"]["saved"] is True


async def a_token(shop: Shop, **order: str) -> str:
    return str((await shop.order("/payment_tokens", **order))["payment_token"])


async def test_a_token_pays_once_and_at_once(shop: Shop) -> None:
    token = await a_token(shop)
    body = CHARGE | {"payment_token": token}

    paid = (await shop.post("/payments", body)).json()
    again = await shop.post("/payments", body)

    assert (paid["status"], paid["payment_method"]["card"]["last4"]) == ("succeeded", "4444")
    assert (again.status_code, again.json()["parameter"]) == (400, "payment_token")


async def test_a_token_of_a_3d_secure_card_leads_to_the_bank(shop: Shop) -> None:
    token = await a_token(shop, card="5555555555554477")
    confirmation = {"type": "redirect", "return_url": BACK}
    payment = (
        await shop.post("/payments", CHARGE | {"payment_token": token, "confirmation": confirmation})
    ).json()
    page = await shop.browser.get(payment["confirmation"]["confirmation_url"])

    await shop.browser.post(f"/pay/{payment['id']}/3ds", data={"answer": "confirm"})

    assert "Банк просит подтвердить" in page.text
    assert (await shop.payment(payment["id"]))["status"] == "succeeded"
