"""What becomes of a payment: cards, reasons, holds, windows."""

import itertools

import pytest

from billing_service.sandbox.model import states
from billing_service.sandbox.model.cards import CARDS, REASONS
from billing_service.sandbox.model.errors import ImpossibleMove
from billing_service.sandbox.model.states import Status
from tests.sandbox.shop import Shop


async def test_a_paid_payment_succeeds_with_its_card_and_its_fee(shop: Shop) -> None:
    payment = await shop.a_payment()

    paid = await shop.pay(payment, card="5555555555554477")

    assert paid == paid | {
        "status": "succeeded",
        "paid": True,
        "refundable": True,
        "captured_at": "2026-01-11T12:00:00.000Z",
        "income_amount": {"value": "288.54", "currency": "RUB"},
        "refunded_amount": {"value": "0.00", "currency": "RUB"},
    }
    assert "confirmation" not in paid
    assert paid["authorization_details"]["three_d_secure"] == {"applied": True}
    assert paid["payment_method"] == {
        "type": "bank_card",
        "id": payment["id"],
        "saved": False,
        "status": "inactive",
        "title": "Bank card *4477",
        "card": {
            "first6": "555555",
            "last4": "4477",
            "expiry_year": "2030",
            "expiry_month": "11",
            "card_type": "MasterCard",
            "issuer_country": "RU",
        },
    }


async def test_what_the_provider_shows_is_what_the_control_api_shows(shop: Shop) -> None:
    paid = await shop.pay(await shop.a_payment())

    assert paid == paid | await shop.payment(paid["id"])


@pytest.mark.parametrize("number", [number for number, card in CARDS.items() if card.decline is None])
async def test_every_good_card_pays(shop: Shop, number: str) -> None:
    paid = await shop.pay(await shop.a_payment(), card=number)

    assert paid["status"] == "succeeded"
    assert paid["payment_method"]["card"]["last4"] == number[-4:]


@pytest.mark.parametrize("number", [number for number, card in CARDS.items() if card.decline])
async def test_every_declined_card_gives_its_reason(shop: Shop, number: str) -> None:
    expected = CARDS[number].decline
    assert expected is not None

    declined = await shop.pay(await shop.a_payment(), card=number)

    assert (declined["status"], declined["paid"]) == ("canceled", False)
    assert declined["cancellation_details"] == {"party": expected.party, "reason": expected.reason}
    assert "confirmation" not in declined


def test_there_are_thirteen_reasons_with_three_cards_each() -> None:
    declines = [(c.decline.party, c.decline.reason) for c in CARDS.values() if c.decline]

    assert {declines.count(pair) for pair in declines} == {3}
    assert len(set(declines)) == 13


@pytest.mark.parametrize("reason", [*REASONS, "a_reason_of_tomorrow"])
async def test_every_reason_can_be_ordered(shop: Shop, reason: str) -> None:
    payment = await shop.a_payment()

    declined = await shop.order(f"/payments/{payment['id']}/decline", reason=reason)

    assert declined["cancellation_details"]["reason"] == reason


async def test_a_card_has_a_limit_that_a_wallet_of_another_kind_has_not(shop: Shop) -> None:
    amount = {"value": "350000.01", "currency": "RUB"}

    by_card = await shop.pay(await shop.a_payment(amount=amount))
    by_bank = await shop.pay(await shop.a_payment(amount=amount, payment_method_data={"type": "sbp"}))

    assert by_card["cancellation_details"]["reason"] == "payment_method_limit_exceeded"
    assert by_bank["status"] == "succeeded"


async def test_a_number_that_is_no_test_card_is_refused(shop: Shop) -> None:
    payment = await shop.a_payment()

    response = await shop.control.post(f"/payments/{payment['id']}/pay", json={"card": "4242424242424242"})

    assert response.status_code == 422
    assert (await shop.payment(payment["id"]))["status"] == "pending"


async def test_a_finished_payment_can_be_neither_paid_nor_declined_again(shop: Shop) -> None:
    payment = await shop.a_payment()
    await shop.pay(payment)

    again = await shop.control.post(f"/payments/{payment['id']}/pay")
    declined = await shop.control.post(f"/payments/{payment['id']}/decline")

    assert (again.status_code, declined.status_code) == (409, 409)
    assert (await shop.payment(payment["id"]))["status"] == "succeeded"


async def test_a_two_stage_payment_is_held_for_seven_days(shop: Shop) -> None:
    held = await shop.pay(await shop.a_payment(capture=False))

    assert (held["status"], held["paid"], held["refundable"]) == ("waiting_for_capture", True, False)
    assert held["expires_at"] == "2026-01-18T12:00:00.000Z"
    assert "captured_at" not in held
    assert "income_amount" not in held


async def test_a_hold_nobody_captures_goes_back_after_seven_days(shop: Shop) -> None:
    held = await shop.pay(await shop.a_payment(capture=False))
    await shop.wait(days=7, seconds=-1)
    assert (await shop.payment(held["id"]))["status"] == "waiting_for_capture"

    await shop.wait(seconds=1)

    late = await shop.payment(held["id"])
    assert late["status"] == "canceled"
    assert late["cancellation_details"] == {"party": "yoo_money", "reason": "expired_on_capture"}


async def test_a_payment_nobody_confirms_expires_after_an_hour(shop: Shop) -> None:
    payment = await shop.a_payment()
    await shop.wait(minutes=59)
    assert (await shop.payment(payment["id"]))["status"] == "pending"

    await shop.wait(minutes=1)

    late = await shop.payment(payment["id"])
    assert late["status"] == "canceled"
    assert late["cancellation_details"] == {"party": "yoo_money", "reason": "expired_on_confirmation"}


async def test_a_fixed_method_is_what_it_is_paid_with(shop: Shop) -> None:
    payment = await shop.a_payment(payment_method_data={"type": "yoo_money"})

    paid = await shop.pay(payment)

    assert paid["payment_method"]["type"] == "yoo_money"
    assert paid["payment_method"]["title"].startswith("YooMoney wallet 4100")


async def test_a_shop_may_let_its_payers_try_again(shop: Shop) -> None:
    await shop.change_shop(decline_keeps_pending=True)
    payment = await shop.a_payment()
    declined = await shop.pay(payment, card="5555555555554600")

    paid = await shop.pay(payment)

    assert (declined["status"], paid["status"]) == ("pending", "succeeded")
    assert [line["what"] for line in paid["history"]] == ["created", "attempt_declined", "paid"]


async def test_the_history_tells_what_happened_when(shop: Shop) -> None:
    payment = await shop.a_payment()
    await shop.wait(minutes=5)

    paid = await shop.pay(payment)

    assert paid["history"] == [
        {"at": "2026-01-11T12:00:00.000Z", "what": "created"},
        {"at": "2026-01-11T12:05:00.000Z", "what": "paid", "why": "Bank card *4444"},
    ]


@pytest.mark.parametrize("table", [states.PAYMENT, states.REFUND, states.METHOD, states.RECEIPT])
def test_every_pair_of_state_and_event_is_in_the_table_or_impossible(table: states.Table) -> None:
    events = {event for _, event in table}

    for status, event in itertools.product(Status, events):
        if (status, event) in table:
            assert states.after(table, status, event) is table[status, event]
        else:
            with pytest.raises(ImpossibleMove):
                states.after(table, status, event)


def test_what_is_final_stays() -> None:
    final = {Status.SUCCEEDED, Status.CANCELED}

    assert not [pair for pair in states.PAYMENT if pair[0] in final]
