"""What holds for one way to pay and not for another: limits, lives, the second stage, the way back.

Source of every row: the provider's page of that method, «Способы оплаты» of yookassa.ru/developers, July 2026.
"""

from decimal import Decimal

import pytest

from billing_service.sandbox.model.method_types import METHOD_TYPES
from tests.sandbox.shop import Json, Shop, a_request

HOUR = 3600
DAY = 24 * HOUR


def roubles(value: str) -> Json:
    return {"value": f"{Decimal(value):.2f}", "currency": "RUB"}


def by(method: str, value: str = "3000", **changes: object) -> Json:
    return {"payment_method_data": {"type": method}, "amount": roubles(value)} | changes


LIMITS = [
    ("bank_card", "1", "350000"),
    ("yoo_money", "1", "250000"),
    ("sbp", "1", "700000"),
    ("sberbank", "1", "700000"),
    ("tinkoff_bank", "1", "700000"),
    ("alfa_pay", "1", "700000"),
    ("sber_loan", "3000", "1500000"),
    ("sber_bnpl", "1000", "150000"),
    ("mobile_balance", "10", "15000"),
    ("cash", "1", "100000"),
    ("b2b_sberbank", "1", "700000"),
    ("electronic_certificate", "1", "350000"),
]


def test_every_method_has_its_limits_here() -> None:
    assert {method for method, _, _ in LIMITS} == set(METHOD_TYPES)


@pytest.mark.parametrize(("method", "least", "most"), LIMITS)
async def test_a_payment_keeps_within_the_limits_of_its_method(
    shop: Shop, method: str, least: str, most: str
) -> None:
    """«Лимиты» on each method's page; Alfa Pay's page names none, so it has those of the other banks' buttons."""
    outside = [Decimal(least) - Decimal("0.01"), Decimal(most) + Decimal("0.01")]

    for value in (least, most):
        assert (await shop.a_payment(**by(method, value)))["status"] == "pending"
    for beyond in outside:
        refused = await shop.post("/payments", a_request(**by(method, str(beyond))))
        assert (refused.status_code, refused.json()["parameter"]) == (400, "amount.value")


async def test_a_payer_cannot_choose_a_method_beyond_its_limit(shop: Shop) -> None:
    payment = await shop.a_payment(amount=roubles("250000.01"))

    await shop.browser.post(f"/pay/{payment['id']}", data={"method": "yoo_money"})

    assert (await shop.payment(payment["id"]))["cancellation_details"] == {
        "party": "payment_network",
        "reason": "payment_method_limit_exceeded",
    }


LIVES = [
    *((method, "10000", HOUR) for method in ("bank_card", "yoo_money", "sbp", "sberbank", "tinkoff_bank")),
    *((method, "10000", HOUR) for method in ("alfa_pay", "sber_bnpl", "mobile_balance")),
    ("electronic_certificate", "10000", HOUR),
    ("b2b_sberbank", "10000", 8 * HOUR),
    ("sber_loan", "49999.99", 8 * HOUR),
    ("sber_loan", "50000", 28 * HOUR),
    ("sber_loan", "200000", 28 * HOUR),
    ("sber_loan", "200000.01", 72 * HOUR),
]


@pytest.mark.parametrize(("method", "value", "seconds"), LIVES)
async def test_an_unpaid_payment_lives_as_long_as_its_method_says(
    shop: Shop, method: str, value: str, seconds: int
) -> None:
    """«Срок оплаты» on each method's page; a loan's grew with the law on cooling off of September 2025."""
    payment = await shop.a_payment(**by(method, value))
    await shop.wait(seconds=seconds - 1)
    before = await shop.payment(payment["id"])

    await shop.wait(seconds=1)

    expired = await shop.payment(payment["id"])
    assert before["status"] == "pending"
    assert (expired["status"], expired["cancellation_details"]["reason"]) == (
        "canceled",
        "expired_on_confirmation",
    )


async def test_a_code_for_cash_never_expires(shop: Shop) -> None:
    """«Срок оплаты: без ограничений» on the page of cash."""
    payment = await shop.a_payment(**by("cash"))

    await shop.wait(days=3650)

    assert (await shop.pay(payment))["status"] == "succeeded"


HOLDS = [
    *((method, 7 * DAY) for method in ("bank_card", "yoo_money", "sberbank", "tinkoff_bank", "sber_bnpl")),
    ("cash", 6 * HOUR),
    ("mobile_balance", 6 * HOUR),
    ("sber_loan", 2 * HOUR),
]
ONE_STAGE = ["sbp", "alfa_pay", "b2b_sberbank", "electronic_certificate"]


def test_every_method_holds_or_does_not() -> None:
    assert {method for method, _ in HOLDS} | set(ONE_STAGE) == set(METHOD_TYPES)


@pytest.mark.parametrize(("method", "seconds"), HOLDS)
async def test_a_hold_ends_when_its_method_says(shop: Shop, method: str, seconds: int) -> None:
    """«Холдирование» on each method's page."""
    held = await shop.pay(await shop.a_payment(**by(method, capture=False)))
    await shop.wait(seconds=seconds - 1)
    before = await shop.payment(held["id"])

    await shop.wait(seconds=1)

    assert before["status"] == "waiting_for_capture"
    assert (await shop.payment(held["id"]))["cancellation_details"]["reason"] == "expired_on_capture"


@pytest.mark.parametrize("method", ONE_STAGE)
async def test_without_a_second_stage_the_money_is_taken_at_once(shop: Shop, method: str) -> None:
    """«Холдирование: нельзя платить в две стадии»; that a wish to hold is passed over is this sandbox's choice."""
    paid = await shop.pay(await shop.a_payment(**by(method, capture=False)))

    assert (paid["status"], paid["captured_at"]) == ("succeeded", "2026-01-11T12:00:00.000Z")
    assert "expires_at" not in paid


async def test_a_payer_who_chooses_such_a_method_pays_in_one_stage_too(shop: Shop) -> None:
    payment = await shop.a_payment(capture=False)

    await shop.browser.post(f"/pay/{payment['id']}", data={"method": "sbp"})

    assert (await shop.payment(payment["id"]))["status"] == "succeeded"


@pytest.mark.parametrize(("method", "status"), [("cash", 400), ("mobile_balance", 400), ("sber_loan", 200)])
async def test_some_holds_are_captured_as_a_whole_only(shop: Shop, method: str, status: int) -> None:
    """«Доступно только полное списание оплаты» on the pages of cash and mobile_balance."""
    held = await shop.pay(await shop.a_payment(**by(method, capture=False)))

    part = await shop.post(f"/payments/{held['id']}/capture", {"amount": roubles("2999.99")})
    whole = await shop.post(f"/payments/{held['id']}/capture", {"amount": roubles("3000")})

    assert (part.status_code, whole.status_code) == (status, 400 if status == 200 else 200)


TERMS = [
    ("sberbank", 365),
    ("alfa_pay", 500),
    *((method, 3 * 365) for method in ("yoo_money", "sbp", "tinkoff_bank", "sber_loan", "sber_bnpl")),
    *((method, 3 * 365) for method in ("mobile_balance", "electronic_certificate")),
]


@pytest.mark.parametrize(("method", "days"), TERMS)
async def test_money_goes_back_in_parts_until_the_term_ends(shop: Shop, method: str, days: int) -> None:
    """The page on refunds: SberPay a year, Alfa Pay 500 days, three years else, since the payment's creation."""
    payment = await shop.pay(await shop.a_payment(**by(method)))
    part = {"payment_id": payment["id"], "amount": roubles("1")}
    await shop.wait(seconds=days * DAY - 1)
    before = await shop.payment(payment["id"])
    in_time = await shop.post("/refunds", part)

    await shop.wait(seconds=1)

    late = await shop.post("/refunds", part)
    after = await shop.payment(payment["id"])
    assert (before["refundable"], in_time.json()["status"], after["refundable"]) == (True, "succeeded", False)
    assert late.json()["description"] == "Payment can not be refunded in current status"


async def test_a_refund_that_fails_after_the_term_opens_nothing_again(shop: Shop) -> None:
    payment = await shop.pay(await shop.a_payment(**by("sberbank")))
    await shop.wait(seconds=365 * DAY - 60)
    await shop.spoil(
        {"operation": "create_refund", "fault": "stay_pending", "reason": "rejected_by_payee", "seconds": 120}
    )
    await shop.post("/refunds", {"payment_id": payment["id"], "amount": roubles("1")})

    await shop.wait(minutes=3)

    assert (await shop.look("/refunds"))["results"][0]["status"] == "canceled"
    assert (await shop.payment(payment["id"]))["refundable"] is False


async def test_the_term_runs_from_the_creation_and_not_from_the_capture(shop: Shop) -> None:
    """The page on refunds speaks of when the payment was created («платеж создан менее одного года назад»)."""
    held = await shop.pay(await shop.a_payment(**by("sberbank", capture=False)))
    await shop.wait(days=6)
    await shop.post(f"/payments/{held['id']}/capture")

    await shop.wait(days=360)

    late = await shop.post("/refunds", {"payment_id": held["id"], "amount": roubles("1")})
    assert late.status_code == 400


@pytest.mark.parametrize("method", ["cash", "b2b_sberbank"])
async def test_what_was_paid_so_does_not_go_back_through_the_provider(shop: Shop, method: str) -> None:
    """«Возврат: нет» on the pages of cash and b2b_sberbank."""
    payment = await shop.pay(await shop.a_payment(**by(method)))

    refused = await shop.post("/refunds", {"payment_id": payment["id"], "amount": roubles("3000")})
    in_cabinet = await shop.control.post(f"/payments/{payment['id']}/refund")

    assert (payment["status"], payment["refundable"]) == ("succeeded", False)
    assert (refused.status_code, in_cabinet.status_code) == (400, 409)
