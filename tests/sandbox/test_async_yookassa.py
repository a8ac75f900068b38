"""async-yookassa 1.0.3 drives the sandbox unmodified, over a real socket; see docs/yookassa-clients.md."""

import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime

import httpx
import pytest
from async_yookassa import YooKassaClient
from async_yookassa.exceptions.api_error import APIError
from async_yookassa.exceptions.bad_request_error import BadRequestError
from async_yookassa.exceptions.not_found_error import NotFoundError
from async_yookassa.exceptions.response_processing_error import ResponseProcessingError
from async_yookassa.models.payment import PaymentListOptions
from pydantic import ValidationError

from tests.sandbox.serving import Control
from tests.sandbox.shop import BACK, Json, a_request

UNKNOWN = "30f5d918-000f-5000-8000-18db351245c7"


@pytest.fixture
async def client(address: str, control: Control) -> AsyncIterator[YooKassaClient]:  # noqa: ARG001  (a fresh one)
    async with YooKassaClient("100500", "test_sandbox", api_url=f"{address}/v3") as client:
        yield client


def a_refund(payment_id: str, value: str) -> Json:
    return {"payment_id": payment_id, "amount": {"value": value, "currency": "RUB"}}


async def test_a_purchase_is_paid_found_listed_and_refunded(client: YooKassaClient, control: Control) -> None:
    payment = await client.payment.create(a_request(), uuid.uuid4())
    control.pay(payment.id, card="5555555555554477")

    paid = await client.payment.find_one(payment.id)
    refund = await client.refund.create(a_refund(payment.id, "100.00"))

    assert payment.confirmation.confirmation_url.endswith(f"/pay/{payment.id}")
    assert (payment.status, paid.status, paid.paid) == ("pending", "succeeded", True)
    assert (paid.income_amount.value, paid.payment_method.card.last4) == ("288.54", "4477")
    assert refund.status == "succeeded"
    assert [each.id for each in (await client.payment.list()).items] == [payment.id]
    assert [each.id for each in (await client.refund.list({"payment_id": payment.id})).items] == [refund.id]


async def test_a_declined_payment_says_why(client: YooKassaClient, control: Control) -> None:
    payment = await client.payment.create(a_request())
    control.pay(payment.id, card="5555555555554600")

    declined = await client.payment.find_one(payment.id)

    assert (declined.status, declined.cancellation_details.reason) == ("canceled", "insufficient_funds")


async def test_lists_go_on_with_a_cursor_and_filter_by_time(client: YooKassaClient) -> None:
    ids = [(await client.payment.create(a_request())).id for _ in range(2)]

    first = await client.payment.list(
        PaymentListOptions(limit=1, created_at_gte=datetime(2024, 1, 1, tzinfo=UTC))
    )
    second = await client.payment.list({"limit": "1", "cursor": first.next_cursor})
    later = await client.payment.list(PaymentListOptions(created_at_gte=datetime(2126, 1, 1, tzinfo=UTC)))

    assert [each.id for each in [*first.items, *second.items]] == ids[::-1]
    assert (second.next_cursor, later.items) == (None, [])


async def test_a_saved_card_is_charged_although_it_says_not_to_save(
    client: YooKassaClient, control: Control
) -> None:
    """Every request carries `save_payment_method`, false unless asked: so does the charge of a saved method."""
    first = await client.payment.create(a_request(save_payment_method=True))
    control.pay(first.id)

    charge = {
        "amount": {"value": "299.00", "currency": "RUB"},
        "capture": True,
        "payment_method_id": first.id,
    }
    charged = await client.payment.create(charge)

    assert control.requests()[0]["body"]["save_payment_method"] is False
    assert (charged.status, charged.payment_method.id) == ("succeeded", first.id)
    assert charged.payment_method.saved is True


async def test_holds_are_captured_and_canceled_without_a_body(
    client: YooKassaClient, control: Control
) -> None:
    kept, returned = [await client.payment.create(a_request(capture=False)) for _ in range(2)]
    for held in (kept, returned):
        control.pay(held.id)

    captured, canceled = await client.payment.capture(kept.id), await client.payment.cancel(returned.id)

    assert (captured.status, canceled.status) == ("succeeded", "canceled")


async def test_the_same_key_gives_the_same_payment(client: YooKassaClient, control: Control) -> None:
    """One attempt only: what gets lost is httpx's error, not its own, and the caller has to repeat."""
    control.spoil(operation="create_payment", fault="lost_after", count=1)
    key = uuid.uuid4()
    with pytest.raises(httpx.RemoteProtocolError):
        await client.payment.create(a_request(), key)

    payment = await client.payment.create(a_request(), key)

    assert [each["id"] for each in control.payments()] == [payment.id]


async def test_it_takes_a_key_of_the_metadata_for_itself(client: YooKassaClient, control: Control) -> None:
    payment = await client.payment.create(a_request(metadata={"order": "A17"}))

    with pytest.raises(BadRequestError, match="limited to 16 keys"):
        await client.payment.create(a_request(metadata={str(n): "" for n in range(16)}))

    assert payment.metadata == {"order": "A17", "cms_name": "async_yookassa_python"}
    assert len(control.requests()[0]["body"]["metadata"]) == 17


async def test_it_rounds_what_is_no_whole_kopeck(client: YooKassaClient) -> None:
    payment = await client.payment.create(a_request(amount={"value": "299.105", "currency": "RUB"}))

    assert payment.amount.value == "299.11"


@pytest.mark.parametrize("method", ["bank_card", "sbp", "cash", "mobile_balance", "sber_loan", "sber_bnpl"])
async def test_these_methods_can_be_fixed_and_read(
    client: YooKassaClient, control: Control, method: str
) -> None:
    wanted = {"type": method} | ({"phone": "79000000000"} if method == "mobile_balance" else {})
    money = {"value": "3000.00", "currency": "RUB"}
    payment = await client.payment.create(a_request(amount=money, payment_method_data=wanted))
    control.pay(payment.id)

    assert (await client.payment.find_one(payment.id)).payment_method.type == method


@pytest.mark.parametrize(
    "method", ["yoo_money", "sberbank", "tinkoff_bank", "alfa_pay", "electronic_certificate"]
)
async def test_these_methods_cannot_be_fixed(client: YooKassaClient, control: Control, method: str) -> None:
    with pytest.raises(ValidationError):
        await client.payment.create(a_request(payment_method_data={"type": method}))

    assert control.requests() == []


async def test_a_reason_it_does_not_know_hides_the_whole_page(
    client: YooKassaClient, control: Control
) -> None:
    await client.payment.create(a_request())
    loan = await client.payment.create(a_request())
    control.decline(loan.id, "loan_declined")

    with pytest.raises(ValidationError, match=r"items\.0\.cancellation_details\.reason"):
        await client.payment.list()


async def test_a_refund_that_failed_cannot_be_read(client: YooKassaClient, control: Control) -> None:
    payment = await client.payment.create(a_request())
    control.pay(payment.id)
    control.spoil(operation="create_refund", fault="decline", reason="general_decline")

    with pytest.raises(ValidationError, match=r"cancellation_details\.party"):
        await client.refund.create(a_refund(payment.id, "299.00"))


async def test_a_bound_card_cannot_be_read(client: YooKassaClient, control: Control) -> None:
    """It wants a `confirmation`, and there is none where nothing is left to confirm."""
    wanted = {"type": "bank_card", "confirmation": {"type": "redirect", "return_url": BACK}}
    method = await client.payment_methods.create(wanted)
    control.bind(method.id)

    with pytest.raises(ValidationError, match="confirmation"):
        await client.payment_methods.find_one(method.id)

    assert method.status == "pending"


async def test_a_shop_without_payouts_cannot_be_read(client: YooKassaClient) -> None:
    with pytest.raises(ValidationError, match="payout_methods"):
        await client.me.get_me()


FAULTS = [("processing", ResponseProcessingError), ("html_502", APIError), ("error_500", APIError)]


@pytest.mark.parametrize(("fault", "error"), FAULTS)
async def test_faults_raise_its_own_errors(
    client: YooKassaClient, control: Control, fault: str, error: type[Exception]
) -> None:
    control.spoil(operation="create_payment", fault=fault)

    with pytest.raises(error):
        await client.payment.create(a_request())


async def test_an_unknown_payment_is_not_found(client: YooKassaClient) -> None:
    with pytest.raises(NotFoundError):
        await client.payment.find_one(UNKNOWN)
