"""Capture and cancel of held money."""

import pytest

from tests.sandbox.shop import Json, Shop


async def a_hold(shop: Shop) -> Json:
    return await shop.pay(await shop.a_payment(capture=False))


async def test_a_capture_without_a_body_takes_everything(shop: Shop) -> None:
    held = await a_hold(shop)

    captured = (await shop.post(f"/payments/{held['id']}/capture")).json()

    assert (captured["status"], captured["refundable"]) == ("succeeded", True)
    assert captured["amount"]["value"] == "299.00"
    assert captured["captured_at"] == "2026-01-11T12:00:00.000Z"
    assert "expires_at" not in captured


async def test_a_partial_capture_becomes_the_amount(shop: Shop) -> None:
    held = await a_hold(shop)
    part = {"amount": {"value": "100.00", "currency": "RUB"}, "transfers": []}

    captured = (await shop.post(f"/payments/{held['id']}/capture", part)).json()

    assert captured["amount"]["value"] == "100.00"
    assert captured["income_amount"]["value"] == "96.50"


@pytest.mark.parametrize(
    ("amount", "description"),
    [
        ({"value": "299.01", "currency": "RUB"}, "Illegal amount for capture"),
        ({"value": "100.00", "currency": "USD"}, "Currencies do not match"),
    ],
)
async def test_a_capture_may_not_exceed_the_hold(shop: Shop, amount: Json, description: str) -> None:
    held = await a_hold(shop)

    response = await shop.post(f"/payments/{held['id']}/capture", {"amount": amount})

    assert (response.status_code, response.json()["description"]) == (400, description)


async def test_there_is_only_one_capture(shop: Shop) -> None:
    held = await a_hold(shop)
    await shop.post(f"/payments/{held['id']}/capture")

    response = await shop.post(f"/payments/{held['id']}/capture")

    assert response.json()["description"] == "Payment can not be captured in current status"


async def test_a_canceled_hold_goes_back_by_the_merchants_word(shop: Shop) -> None:
    held = await a_hold(shop)

    canceled = (await shop.post(f"/payments/{held['id']}/cancel")).json()

    assert (canceled["status"], canceled["paid"]) == ("canceled", False)
    assert canceled["cancellation_details"] == {"party": "merchant", "reason": "canceled_by_merchant"}


async def test_a_canceled_hold_may_go_on_showing_paid(shop: Shop) -> None:
    await shop.change_shop(canceled_hold_paid=True)
    held = await a_hold(shop)

    canceled = (await shop.post(f"/payments/{held['id']}/cancel")).json()

    assert canceled["paid"] is True


async def test_an_unpaid_or_taken_payment_cannot_be_canceled(shop: Shop) -> None:
    unpaid = await shop.a_payment(capture=False)
    one_stage = await shop.a_payment()
    taken = await shop.pay(await shop.a_payment())

    refusals = [
        (await shop.post(f"/payments/{payment['id']}/cancel")).json()["description"]
        for payment in (unpaid, one_stage, taken)
    ]

    assert refusals == [
        "Payment can not be canceled in current status",
        "You can not cancel payment with autocapture",
        "Payment can not be canceled in current status",
    ]
