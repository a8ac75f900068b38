"""Money going back: whole, in parts, late, refused."""

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from billing_service.sandbox.app import Sandbox
from tests.sandbox.shop import Json, Listener, Shop


async def refund(shop: Shop, payment: Json, value: str = "299.00", **extras: object) -> Json:
    body: Json = {"payment_id": payment["id"], "amount": {"value": value, "currency": "RUB"}}
    refunded: Json = (await shop.post("/refunds", body | extras)).json()
    return refunded


async def test_a_whole_refund_leaves_the_payment_succeeded(
    sandbox: Sandbox, shop: Shop, listener: Listener
) -> None:
    payment = await shop.pay(await shop.a_payment())

    refunded = await refund(shop, payment, description="Unused days", metadata={"ours": "1"})
    await sandbox.delivered()

    shown = await shop.payment(payment["id"])
    assert (refunded["status"], refunded["id"][9:13]) == ("succeeded", "0015")
    assert (refunded["description"], refunded["metadata"]) == ("Unused days", {"ours": "1"})
    assert shown["status"] == "succeeded"
    assert (shown["refunded_amount"]["value"], shown["refundable"]) == ("299.00", False)
    assert listener.heard[-1] == {"type": "notification", "event": "refund.succeeded", "object": refunded}
    assert (await shop.get(f"/refunds/{refunded['id']}")).json() == refunded


async def test_parts_may_go_back_until_nothing_is_left(shop: Shop) -> None:
    payment = await shop.pay(await shop.a_payment())
    await refund(shop, payment, "100.00")
    half = await shop.payment(payment["id"])
    await refund(shop, payment, "199.00")

    refused = await refund(shop, payment, "0.01")

    assert (half["refunded_amount"]["value"], half["refundable"]) == ("100.00", True)
    assert refused["description"] == "Payment is already completely refunded"


@pytest.mark.parametrize(
    ("amount", "description"),
    [
        ({"value": "299.01", "currency": "RUB"}, "Refund sum exceeded"),
        ({"value": "1.00", "currency": "USD"}, "Currencies do not match"),
    ],
)
async def test_a_bad_amount_is_refused(shop: Shop, amount: Json, description: str) -> None:
    payment = await shop.pay(await shop.a_payment())

    response = await shop.post("/refunds", {"payment_id": payment["id"], "amount": amount})

    assert (response.status_code, response.json()["description"]) == (400, description)


async def test_only_a_succeeded_payment_is_refunded(shop: Shop) -> None:
    held = await shop.pay(await shop.a_payment(capture=False))

    refused = await refund(shop, held)

    assert refused["description"] == "Payment can not be refunded in current status"


async def test_an_unknown_payment_is_refused(shop: Shop) -> None:
    refused = await refund(shop, {"id": "30f5d918-000f-5000-8000-18db351245c7"})

    assert (refused["description"], refused["parameter"]) == ("Payment not found or forbidden", "payment_id")


async def test_an_unknown_refund_is_not_found(shop: Shop) -> None:
    assert (await shop.get("/refunds/nothing")).status_code == 404


async def test_a_refund_in_the_cabinet_takes_all_that_is_left(
    sandbox: Sandbox, shop: Shop, listener: Listener
) -> None:
    payment = await shop.pay(await shop.a_payment())
    await refund(shop, payment, "100.00")

    refunded = await shop.order(f"/payments/{payment['id']}/refund")
    await sandbox.delivered()

    again = await shop.control.post(f"/payments/{payment['id']}/refund")
    assert refunded["amount"]["value"] == "199.00"
    assert listener.events[-1] == "refund.succeeded"
    assert (again.status_code, again.json()["detail"]) == (409, "Payment is already completely refunded")


async def test_a_refund_may_stay_pending_and_reserves_its_part(shop: Shop) -> None:
    payment = await shop.pay(await shop.a_payment())
    await shop.spoil({"operation": "create_refund", "fault": "stay_pending", "seconds": 3600, "count": 1})
    pending = await refund(shop, payment)
    meanwhile = await shop.payment(payment["id"])
    refused = await refund(shop, payment, "1.00")

    await shop.wait(hours=1)

    settled = (await shop.get(f"/refunds/{pending['id']}")).json()
    assert (pending["status"], settled["status"]) == ("pending", "succeeded")
    assert meanwhile["refunded_amount"]["value"] == "0.00"
    assert refused["description"] == "Payment is already completely refunded"


REFUND_REASONS = [
    "insufficient_funds",
    "general_decline",
    "rejected_by_payee",
    "rejected_by_timeout",
    "yoo_money_account_closed",
    "payment_expired",
    "new_reason",
]


@pytest.mark.parametrize("reason", REFUND_REASONS)
@pytest.mark.parametrize("fault", ["decline", "stay_pending"])
async def test_a_refund_may_fail_without_a_word(
    shop: Shop, listener: Listener, reason: str, fault: str
) -> None:
    payment = await shop.pay(await shop.a_payment())
    await shop.spoil({"operation": "create_refund", "fault": fault, "reason": reason, "seconds": 60})
    created = await refund(shop, payment)

    await shop.wait(minutes=1)

    failed = (await shop.get(f"/refunds/{created['id']}")).json()
    assert (failed["status"], failed["cancellation_details"]["reason"]) == ("canceled", reason)
    assert (await shop.payment(payment["id"]))["refundable"] is True
    assert "refund.succeeded" not in listener.events


async def test_a_card_payment_older_than_fifteen_months_is_not_returned(shop: Shop) -> None:
    payment = await shop.pay(await shop.a_payment())
    await shop.wait(days=460)

    refunded = await refund(shop, payment)

    assert (refunded["status"], refunded["cancellation_details"]) == (
        "canceled",
        {"party": "refund_network", "reason": "payment_expired"},
    )


async def test_a_shop_may_have_to_leave_nothing_or_a_rouble(shop: Shop) -> None:
    await shop.change_shop(keep_one_rouble=True)
    payment = await shop.pay(await shop.a_payment())

    refused = await refund(shop, payment, "298.50")

    assert refused["description"].startswith("Remaining payment amount after refund must be greater")


@settings(max_examples=25, deadline=None)
@given(parts=st.lists(st.integers(1, 29900), max_size=8))
async def test_refunds_never_exceed_what_was_paid(parts: list[int]) -> None:
    sandbox = Sandbox(notify_url=None)
    async with Shop(sandbox) as shop:
        payment = await shop.pay(await shop.a_payment())
        for part in parts:
            await refund(shop, payment, f"{Decimal(part) / 100:.2f}")

        given_back = [r["amount"]["value"] for r in (await shop.look("/refunds"))["results"]]

        total = sum(map(Decimal, given_back), Decimal(0))
        assert total <= Decimal("299.00")
        assert Decimal((await shop.payment(payment["id"]))["refunded_amount"]["value"]) == total
    await sandbox.aclose()
