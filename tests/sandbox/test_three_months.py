"""Three simulated months of one subscriber, told through the control API alone."""

from tests.sandbox.shop import Json, Listener, Shop

MONTH = {"days": 30}


async def charge(shop: Shop, method_id: str, month: str, attempt: int) -> Json:
    response = await shop.post(
        "/payments",
        {
            "amount": {"value": "299.00", "currency": "RUB"},
            "capture": True,
            "payment_method_id": method_id,
            "metadata": {"month": month, "attempt": str(attempt)},
        },
        key=f"charge-{month}-{attempt}",
    )
    charged: Json = response.json()
    return charged


async def test_buy_save_renew_twice_decline_retry_refund(shop: Shop, listener: Listener) -> None:
    bought = await shop.pay(await shop.a_payment(save_payment_method=True), card="5555555555554477")
    method = f"/payment_methods/{bought['id']}"
    await shop.wait(**MONTH)
    february = await charge(shop, bought["id"], "2026-02", 1)
    await shop.wait(**MONTH)
    march = await charge(shop, bought["id"], "2026-03", 1)
    await shop.wait(**MONTH)
    await shop.control.patch(method, json={"decline_reason": "insufficient_funds"})
    refused = await charge(shop, bought["id"], "2026-04", 1)
    await shop.wait(days=1)
    await shop.control.patch(method, json={"decline_reason": None})
    retried = await charge(shop, bought["id"], "2026-04", 2)
    await shop.wait(days=2)
    refund = await shop.order(f"/payments/{retried['id']}/refund", amount={"value": "149.50"})
    await shop.wait(seconds=1)

    assert [payment["status"] for payment in (february, march, refused, retried)] == [
        "succeeded",
        "succeeded",
        "canceled",
        "succeeded",
    ]
    assert refused["cancellation_details"]["reason"] == "insufficient_funds"
    assert refund["created_at"] == "2026-04-14T12:00:00.000Z"
    assert listener.events == [
        "payment.succeeded",
        "payment.succeeded",
        "payment.succeeded",
        "payment.canceled",
        "payment.succeeded",
        "refund.succeeded",
    ]
    assert (await shop.payment(retried["id"]))["refunded_amount"]["value"] == "149.50"
