"""54-FZ: a shop with fiscalisation must send a receipt that fits, and can follow its registration."""

import pytest

from tests.sandbox.shop import BACK, Json, Shop, a_request


@pytest.fixture(autouse=True)
async def _fiscalisation(shop: Shop) -> None:
    await shop.change_shop(fiscalization=True)


def an_item(**changes: object) -> Json:
    item: Json = {
        "description": "Plan M, 1 month",
        "quantity": 1,
        "amount": {"value": "299.00", "currency": "RUB"},
        "vat_code": 1,
        "payment_subject": "service",
        "payment_mode": "full_payment",
        "measure": "piece",
    }
    return {name: value for name, value in (item | changes).items() if value is not None}


def a_receipt(*items: Json, customer: object = None) -> Json:
    return {"customer": customer or {"email": "a@shop.example"}, "items": list(items) or [an_item()]}


def part(value: str) -> Json:
    return an_item(amount={"value": value, "currency": "RUB"})


async def test_a_payment_without_a_receipt_is_refused(shop: Shop) -> None:
    response = await shop.post("/payments", a_request())

    assert response.status_code == 400
    assert (response.json()["description"], response.json()["parameter"]) == (
        "Receipt is missing or illegal",
        "receipt",
    )


async def test_an_autopayment_needs_a_receipt_too(shop: Shop) -> None:
    payment = await shop.pay(await shop.a_payment(receipt=a_receipt(), save_payment_method=True))
    charge = {
        "amount": {"value": "299.00", "currency": "RUB"},
        "capture": True,
        "payment_method_id": payment["id"],
    }

    bare = await shop.post("/payments", charge)
    whole = await shop.post("/payments", charge | {"receipt": a_receipt()})

    assert bare.json()["description"] == "Receipt is missing or illegal"
    assert whole.json()["status"] == "succeeded"


async def test_a_shop_without_fiscalisation_is_not_asked(shop: Shop) -> None:
    await shop.change_shop(fiscalization=False)

    payment = await shop.a_payment()

    assert "receipt_registration" not in payment


async def test_a_receipt_is_registered_a_little_after_the_money_came(shop: Shop) -> None:
    payment = await shop.a_payment(receipt=a_receipt())
    paid = await shop.pay(payment)
    await shop.wait(seconds=10)

    (receipt,) = (await shop.get("/receipts", payment_id=payment["id"])).json()["items"]

    registered = await shop.payment(payment["id"])
    assert [state["receipt_registration"] for state in (payment, paid, registered)] == [
        "pending",
        "pending",
        "succeeded",
    ]
    assert (receipt["type"], receipt["status"], receipt["id"][:3]) == ("payment", "succeeded", "rt-")
    assert receipt["registered_at"] == "2026-01-11T12:00:10.000Z"
    assert receipt["items"] == [an_item()]
    assert (await shop.get(f"/receipts/{receipt['id']}")).json() == receipt


async def test_a_registration_can_fail(shop: Shop) -> None:
    await shop.spoil({"operation": "register_receipt", "fault": "decline"})
    payment = await shop.pay(await shop.a_payment(receipt=a_receipt()))

    await shop.wait(seconds=10)

    assert (await shop.payment(payment["id"]))["receipt_registration"] == "canceled"


async def test_a_registration_can_hang_for_days(shop: Shop) -> None:
    await shop.spoil({"operation": "register_receipt", "fault": "stay_pending"})
    payment = await shop.pay(await shop.a_payment(receipt=a_receipt()))

    await shop.wait(days=3)

    assert (await shop.payment(payment["id"]))["receipt_registration"] == "pending"


@pytest.mark.parametrize("code", [*range(1, 13), "1", "12"])
async def test_every_vat_code_is_accepted(shop: Shop, code: object) -> None:
    payment = await shop.a_payment(receipt=a_receipt(an_item(vat_code=code)))

    assert payment["receipt_registration"] == "pending"


async def test_quantities_multiply_prices(shop: Shop) -> None:
    items = [
        an_item(quantity=2.5, amount={"value": "100.00", "currency": "RUB"}),
        an_item(quantity="1.0", amount={"value": "49.00", "currency": "RUB"}),
    ]

    payment = await shop.a_payment(receipt=a_receipt(*items))

    assert payment["status"] == "pending"


@pytest.mark.parametrize(
    ("receipt", "parameter"),
    [
        ("yes", "receipt"),
        (a_receipt(part("298.99")), "receipt.items"),
        (a_receipt(an_item(quantity=2)), "receipt.items"),
        ({"customer": {"email": "a@shop.example"}, "items": []}, "receipt.items"),
        ({"customer": {"email": "a@shop.example"}, "items": [an_item()] * 81}, "receipt.items"),
        (a_receipt(customer={"phone": "79000000000"}), "receipt.customer.email"),
        (
            a_receipt(customer={"email": "a@shop.example", "phone": "+7(900)0000000"}),
            "receipt.customer.phone",
        ),
        (a_receipt(customer={"email": "nobody"}), "receipt.customer.email"),
        (a_receipt(an_item(vat_code=13)), "receipt.items[0].vat_code"),
        (a_receipt(an_item(vat_code=None)), "receipt.items[0].vat_code"),
        (a_receipt(an_item(measure=None)), "receipt.items[0].measure"),
        (a_receipt(an_item(payment_subject="magic")), "receipt.items[0].payment_subject"),
        (a_receipt(an_item(payment_mode={"a": 1})), "receipt.items[0].payment_mode"),
        (a_receipt(an_item(description="x" * 129)), "receipt.items[0].description"),
        (a_receipt(an_item(quantity=0)), "receipt.items[0].quantity"),
        (a_receipt(an_item(quantity="1.0001")), "receipt.items[0].quantity"),
        (a_receipt(an_item(quantity="NaN")), "receipt.items[0].quantity"),
        (
            a_receipt(an_item(amount={"value": "299.00", "currency": "USD"})),
            "receipt.items[0].amount.currency",
        ),
        (a_receipt() | {"tax_system_code": 7}, "receipt.tax_system_code"),
    ],
)
async def test_a_bad_receipt_is_named(shop: Shop, receipt: object, parameter: str) -> None:
    response = await shop.post("/payments", a_request(receipt=receipt))

    assert response.status_code == 400
    assert (response.json()["description"], response.json()["parameter"]) == (
        "Receipt is malformed",
        parameter,
    )


async def test_other_registers_take_a_phone_and_no_measure(shop: Shop) -> None:
    await shop.change_shop(fiscalization_provider="atol")

    payment = await shop.a_payment(
        receipt=a_receipt(an_item(measure=None), customer={"phone": "79000000000"})
    )

    assert payment["receipt_registration"] == "pending"


@pytest.mark.parametrize("name", ["payment_subject", "payment_mode", "measure"])
async def test_what_describes_an_item_is_needed_by_the_providers_own_register_only(
    shop: Shop, name: str
) -> None:
    """The documentation's examples for other registers go without these three (July 2026)."""
    receipt = a_receipt(an_item(**{name: None}))
    refused = await shop.post("/payments", a_request(receipt=receipt))
    await shop.change_shop(fiscalization_provider="atol")

    payment = await shop.a_payment(receipt=receipt)

    assert refused.json()["parameter"] == f"receipt.items[0].{name}"
    assert payment["receipt_registration"] == "pending"


@pytest.mark.parametrize("name", ["payment_subject", "payment_mode", "measure"])
async def test_other_registers_know_no_other_words_either(shop: Shop, name: str) -> None:
    await shop.change_shop(fiscalization_provider="atol")

    refused = await shop.post("/payments", a_request(receipt=a_receipt(an_item(**{name: "magic"}))))

    assert refused.json()["parameter"] == f"receipt.items[0].{name}"


async def test_a_whole_refund_reuses_the_receipt_and_a_part_needs_its_own(shop: Shop) -> None:
    payment = await shop.pay(await shop.a_payment(receipt=a_receipt()))
    some = {"payment_id": payment["id"], "amount": {"value": "100.00", "currency": "RUB"}}
    bare = await shop.post("/refunds", some)

    partial = (await shop.post("/refunds", some | {"receipt": a_receipt(part("100.00"))})).json()
    await shop.wait(seconds=10)

    (receipt,) = (await shop.get("/receipts", refund_id=partial["id"])).json()["items"]
    assert bare.json()["description"] == "Receipt is missing or illegal"
    assert (partial["receipt_registration"], receipt["type"]) == ("pending", "refund")
    assert (await shop.get(f"/refunds/{partial['id']}")).json()["receipt_registration"] == "succeeded"


async def test_a_whole_refund_needs_no_receipt(shop: Shop) -> None:
    payment = await shop.pay(await shop.a_payment(receipt=a_receipt()))

    whole = {"payment_id": payment["id"], "amount": payment["amount"]}
    refunded = (await shop.post("/refunds", whole)).json()

    (receipt,) = (await shop.get("/receipts", refund_id=refunded["id"])).json()["items"]
    assert receipt["items"] == [an_item()]


async def test_a_partial_capture_needs_the_captured_items(shop: Shop) -> None:
    held = await shop.pay(await shop.a_payment(capture=False, receipt=a_receipt()))
    some = {"amount": {"value": "100.00", "currency": "RUB"}}
    bare = await shop.post(f"/payments/{held['id']}/capture", some)

    captured = await shop.post(
        f"/payments/{held['id']}/capture", some | {"receipt": a_receipt(part("100.00"))}
    )

    assert bare.json()["description"] == "Receipt is missing or illegal"
    assert captured.json()["status"] == "succeeded"


async def test_a_whole_capture_needs_no_receipt(shop: Shop) -> None:
    held = await shop.pay(await shop.a_payment(capture=False, receipt=a_receipt()))

    captured = await shop.post(f"/payments/{held['id']}/capture")

    assert captured.json()["receipt_registration"] == "pending"


async def test_a_payment_that_came_to_nothing_has_no_receipt(shop: Shop) -> None:
    payment = await shop.a_payment(receipt=a_receipt())

    declined = await shop.pay(payment, card="5555555555554600")

    assert declined["receipt_registration"] == "canceled"
    assert (await shop.get("/receipts", payment_id=payment["id"])).json()["items"] == []


def a_closing_receipt(payment: Json, **changes: object) -> Json:
    receipt: Json = {
        "type": "payment",
        "payment_id": payment["id"],
        "send": True,
        "settlements": [{"type": "prepayment", "amount": payment["amount"]}],
    }
    return a_receipt() | receipt | changes


async def test_the_closing_receipt_is_sent_on_its_own(shop: Shop) -> None:
    payment = await shop.pay(await shop.a_payment(receipt=a_receipt()))

    created = await shop.post("/receipts", a_closing_receipt(payment))

    receipt = created.json()
    assert (created.status_code, receipt["status"]) == (200, "pending")
    assert receipt["settlements"] == [{"type": "prepayment", "amount": payment["amount"]}]
    assert len((await shop.get("/receipts", payment_id=payment["id"])).json()["items"]) == 2


@pytest.mark.parametrize(
    ("changes", "parameter"),
    [
        ({"type": "gift"}, "type"),
        ({"send": False}, "send"),
        ({"settlements": []}, "settlements"),
        ({"settlements": [{"type": "barter"}]}, "settlements[0].type"),
        ({"payment_id": "nothing"}, "payment_id"),
        ({"type": "refund", "refund_id": "nothing"}, "refund_id"),
        ({"items": []}, "items"),
    ],
)
async def test_a_bad_closing_receipt_is_named(shop: Shop, changes: Json, parameter: str) -> None:
    payment = await shop.pay(await shop.a_payment(receipt=a_receipt()))

    response = await shop.post("/receipts", a_closing_receipt(payment, **changes))

    assert (response.status_code, response.json()["parameter"]) == (400, parameter)


async def test_sber_business_payments_carry_no_receipt(shop: Shop) -> None:
    payment = await shop.a_payment(
        payment_method_data={"type": "b2b_sberbank"},
        confirmation={"type": "redirect", "return_url": BACK},
    )

    assert "receipt_registration" not in payment
