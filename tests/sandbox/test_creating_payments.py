"""POST and GET /payments: what a shop sends, what it gets back, what is refused."""

from typing import Any

import pytest

from tests.sandbox.shop import BACK, Shop, a_request


async def test_a_new_payment_is_pending_and_names_the_page_where_it_is_paid(shop: Shop) -> None:
    payment = await shop.a_payment()

    assert payment == {
        "id": payment["id"],
        "status": "pending",
        "paid": False,
        "refundable": False,
        "test": True,
        "amount": {"value": "299.00", "currency": "RUB"},
        "created_at": "2026-01-11T12:00:00.000Z",
        "description": "Plan M, January",
        "recipient": {"account_id": "100500", "gateway_id": "100700"},
        "confirmation": {
            "type": "redirect",
            "return_url": BACK,
            "confirmation_url": f"http://sandbox/pay/{payment['id']}",
        },
        "metadata": {"order": "A17"},
    }


async def test_one_decimal_place_is_no_error(shop: Shop) -> None:
    """The provider's staff in issue 4 of its Python SDK: leaving out the second place must not be an error."""
    payment = await shop.a_payment(amount={"value": "299.5", "currency": "RUB"})

    assert payment["amount"] == {"value": "299.50", "currency": "RUB"}


async def test_an_id_looks_like_the_providers_and_tells_the_time(shop: Shop) -> None:
    payment = await shop.a_payment()

    head, kind, version, _variant, tail = payment["id"].split("-")
    assert (int(head, 16), kind, version, len(tail)) == (821_404_800, "000f", "5000", 12)


async def test_a_payment_is_found_by_its_id(shop: Shop) -> None:
    payment = await shop.a_payment()

    assert await shop.payment(payment["id"]) == payment


async def test_an_unknown_payment_is_not_found(shop: Shop) -> None:
    response = await shop.get("/payments/30f5d918-000f-5000-8000-18db351245c7")

    assert response.status_code == 404
    assert response.json()["code"] == "not_found"


@pytest.mark.parametrize(
    ("changes", "description", "parameter"),
    [
        ({"amount": None}, "Payment amount is illegal", "amount"),
        ({"amount": {"value": 299, "currency": "RUB"}}, "Payment amount is illegal", "amount.value"),
        ({"amount": {"value": "299", "currency": "RUB"}}, "Payment amount is illegal", "amount.value"),
        ({"amount": {"value": "299.", "currency": "RUB"}}, "Payment amount is illegal", "amount.value"),
        ({"amount": {"value": "299.105", "currency": "RUB"}}, "Payment amount is illegal", "amount.value"),
        ({"amount": {"value": "299,00", "currency": "RUB"}}, "Payment amount is illegal", "amount.value"),
        ({"amount": {"value": "0.99", "currency": "RUB"}}, "Payment amount is illegal", "amount.value"),
        ({"amount": {"value": "700000.01", "currency": "RUB"}}, "Payment amount is illegal", "amount.value"),
        ({"amount": {"value": "299.00", "currency": "RUR"}}, "Currency code is illegal", "amount.currency"),
        ({"confirmation": {"type": "redirect"}}, "Return url is missing", "confirmation.return_url"),
        ({"confirmation": None}, "Invalid request parameter", "confirmation"),
        ({"confirmation": {"type": "pigeon"}}, "Invalid request parameter", "confirmation.type"),
        ({"description": "x" * 129}, "Description is too long. Max. length is 128", "description"),
        ({"metadata": {str(n): "" for n in range(17)}}, "Metadata object is limited to 16 keys", "metadata"),
        ({"metadata": {"order": 17}}, "Invalid request parameter", "metadata.order"),
        ({"save_payment_method": "True"}, "Invalid request parameter", "save_payment_method"),
        ({"capture": "yes"}, "Invalid request parameter", "capture"),
        (
            {"payment_method_data": {"type": "barter"}},
            "Illegal payment method type",
            "payment_method_data.type",
        ),
        (
            {"payment_method_data": {"type": "bank_card"}, "payment_token": "t"},
            "Request should contain only one of: payment_method_data, payment_method_id, payment_token",
            "payment_method_id",
        ),
    ],
)
async def test_a_bad_field_is_named_and_nothing_happens(
    shop: Shop, changes: dict[str, Any], description: str, parameter: str
) -> None:
    response = await shop.post("/payments", a_request(**changes))

    body = response.json()
    assert response.status_code == 400
    assert (body["type"], body["code"]) == ("error", "invalid_request")
    assert (body["description"], body["parameter"]) == (description, parameter)
    assert (await shop.look("/payments"))["results"] == []


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "nowhere", "https://shop.example/\r\nX: 1", "http://["]
)
async def test_a_return_url_that_leads_nowhere_good_is_refused(shop: Shop, url: str) -> None:
    response = await shop.post("/payments", a_request(confirmation={"type": "redirect", "return_url": url}))

    assert response.status_code == 400
    assert response.json()["parameter"] == "confirmation.return_url"


async def test_a_shop_may_name_its_gateway(shop: Shop) -> None:
    payment = await shop.a_payment(recipient={"gateway_id": "100701"})

    assert payment["recipient"] == {"account_id": "100500", "gateway_id": "100701"}


async def test_extras_of_the_official_sdk_are_tolerated(shop: Shop) -> None:
    extras = {"transfers": [], "statements": [], "metadata": {"cms_name": "yookassa_sdk_python"}}

    payment = await shop.a_payment(**extras)

    assert payment["metadata"] == {"cms_name": "yookassa_sdk_python"}


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        ("embedded", {"confirmation_token"}),
        ("external", set()),
        ("qr", {"confirmation_data"}),
    ],
)
async def test_every_confirmation_shows_its_own_field(shop: Shop, kind: str, shown: set[str]) -> None:
    payment = await shop.a_payment(confirmation={"type": kind})

    assert set(payment["confirmation"]) == {"type"} | shown


async def test_a_live_shop_marks_no_payment_as_a_test(shop: Shop) -> None:
    await shop.change_shop(test=False)

    payment = await shop.a_payment()

    assert payment["test"] is False
