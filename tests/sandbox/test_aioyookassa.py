"""aioyookassa 2.2.7 drives the sandbox unmodified, over a real socket; see docs/yookassa-clients.md."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from aioyookassa import YooKassa
from aioyookassa.core.webhook_handler import WebhookHandler
from aioyookassa.exceptions.base import APIError
from aioyookassa.exceptions.payments import NotFound
from aioyookassa.types.params import (
    CreatePaymentMethodParams,
    CreatePaymentParams,
    CreateRefundParams,
    GetPaymentsParams,
    PaymentMethodConfirmation,
)
from aioyookassa.types.payment import Confirmation, PaymentAmount
from pydantic import ValidationError

from tests.sandbox.serving import Control
from tests.sandbox.shop import BACK, Json

# It hands aiohttp its credentials in a way that aiohttp 4 will not take.
pytestmark = [
    pytest.mark.filterwarnings("ignore:BasicAuth is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:The 'auth' parameter is deprecated:DeprecationWarning"),
]


@pytest.fixture
async def client(address: str, control: Control) -> AsyncIterator[YooKassa]:  # noqa: ARG001  (a fresh sandbox)
    async with YooKassa(api_key="test_sandbox", shop_id=100500) as client:
        client.BASE_URL = f"{address}/v3"
        yield client


def an_order(value: object = "299.00", **changes: object) -> CreatePaymentParams:
    wanted = {
        "amount": PaymentAmount(value=value, currency="RUB"),
        "confirmation": Confirmation(type="redirect", return_url=BACK),
        "capture": True,
    }
    return CreatePaymentParams(**(wanted | changes))


def a_refund(payment_id: str, value: str) -> CreateRefundParams:
    return CreateRefundParams(payment_id=payment_id, amount=PaymentAmount(value=value, currency="RUB"))


async def test_a_purchase_is_paid_found_listed_and_refunded(client: YooKassa, control: Control) -> None:
    payment = await client.payments.create_payment(an_order(metadata={"order": "A17"}))
    control.pay(payment.id, card="5555555555554477")

    paid = await client.payments.get_payment(payment.id)
    refund = await client.refunds.create_refund(a_refund(payment.id, "100.00"))

    assert payment.confirmation.url.endswith(f"/pay/{payment.id}")
    assert (payment.status, paid.status, paid.paid) == ("pending", "succeeded", True)
    assert (paid.income_amount.value, paid.payment_method.card.last_four) == ("288.54", "4477")
    assert paid.metadata == {"order": "A17"}
    assert refund.status == "succeeded"
    assert [each.id for each in (await client.payments.get_payments()).list] == [payment.id]
    assert [each.id for each in (await client.refunds.get_refunds()).list] == [refund.id]


async def test_a_declined_payment_says_why(client: YooKassa, control: Control) -> None:
    payment = await client.payments.create_payment(an_order())
    control.pay(payment.id, card="5555555555554600")

    declined = await client.payments.get_payment(payment.id)

    assert (declined.status, declined.cancellation_details.reason) == ("canceled", "insufficient_funds")
    assert declined.payment_method.status == "inactive"


async def test_holds_are_captured_and_canceled_with_an_empty_object(
    client: YooKassa, control: Control
) -> None:
    kept, returned = [await client.payments.create_payment(an_order(capture=False)) for _ in range(2)]
    for held in (kept, returned):
        control.pay(held.id)

    captured = await client.payments.capture_payment(kept.id)
    canceled = await client.payments.cancel_payment(returned.id)

    assert (captured.status, canceled.status) == ("succeeded", "canceled")
    assert [request["body"] for request in control.requests()[:2]] == [{}, {}]


async def test_a_card_is_bound_and_the_shop_known(client: YooKassa, control: Control) -> None:
    confirmation = PaymentMethodConfirmation(type="redirect", return_url=BACK)
    method = await client.payment_methods.create_payment_method(
        CreatePaymentMethodParams(type="bank_card", confirmation=confirmation)
    )
    control.bind(method.id)

    bound = await client.payment_methods.get_payment_method(method.id)

    assert (method.status, bound.status, bound.saved) == ("pending", "active", True)
    assert (await client.get_me()).account_id == "100500"


async def test_even_a_get_carries_an_empty_object(client: YooKassa, control: Control) -> None:
    await client.payments.get_payments()

    assert (control.requests()[0]["body"], control.requests()[0]["status"]) == ({}, 200)


async def test_it_refuses_saving_unless_it_is_asked_to_save(client: YooKassa, control: Control) -> None:
    await client.payments.create_payment(an_order())

    assert control.requests()[0]["body"]["save_payment_method"] is False


async def test_every_repeat_is_another_payment(client: YooKassa, control: Control) -> None:
    """It takes no idempotence key: after a lost answer nobody can ask for the same payment again."""
    control.spoil(operation="create_payment", fault="lost_after", count=1)
    with pytest.raises(APIError):
        await client.payments.create_payment(an_order())

    await client.payments.create_payment(an_order())

    keys = {request["idempotence_key"] for request in control.requests()}
    assert (len(control.payments()), len(keys)) == (2, 2)


async def test_a_list_of_payments_ends_after_its_first_page(client: YooKassa) -> None:
    """Its model reads `cursor`, the provider writes `next_cursor`."""
    for _ in range(2):
        await client.payments.create_payment(an_order())

    page = await client.payments.get_payments(GetPaymentsParams(limit=1))

    assert (len(page.list), page.cursor) == (1, None)


async def test_a_filter_by_time_raises_or_filters_nothing(client: YooKassa, control: Control) -> None:
    """A datetime is no query parameter for aiohttp; a string goes out under a name that the provider has not."""
    tomorrow = datetime(2126, 1, 1, tzinfo=UTC)
    payment = await client.payments.create_payment(an_order())

    with pytest.raises(TypeError):
        await client.payments.get_payments(GetPaymentsParams(created_at=tomorrow))
    page = await client.payments.get_payments(created_at=tomorrow.isoformat())

    assert control.requests()[0]["query"] == {"created_at_gte": tomorrow.isoformat()}
    assert [each.id for each in page.list] == [payment.id]


async def test_a_reason_it_does_not_know_hides_the_whole_page(client: YooKassa, control: Control) -> None:
    await client.payments.create_payment(an_order())
    loan = await client.payments.create_payment(an_order())
    control.decline(loan.id, "loan_declined")

    with pytest.raises(ValidationError, match=r"items\.0\.cancellation_details\.reason"):
        await client.payments.get_payments()


async def test_a_refund_that_failed_cannot_be_read(client: YooKassa, control: Control) -> None:
    """Its parties are a payment's; a refund has `refund_network`."""
    payment = await client.payments.create_payment(an_order())
    control.pay(payment.id)
    control.spoil(operation="create_refund", fault="decline", reason="general_decline")

    with pytest.raises(ValidationError, match=r"cancellation_details\.party"):
        await client.refunds.create_refund(a_refund(payment.id, "299.00"))


@pytest.mark.parametrize("value", [100.00, 100])
async def test_amounts_as_in_its_examples_are_refused(client: YooKassa, value: float) -> None:
    """Its README writes `value=100.00`: a JSON number, where the provider's document has a string."""
    with pytest.raises(APIError, match="Payment amount is illegal"):
        await client.payments.create_payment(an_order(value))


async def test_a_decimal_never_leaves(client: YooKassa, control: Control) -> None:
    with pytest.raises(TypeError):
        await client.payments.create_payment(an_order(Decimal("100.00")))

    assert control.requests() == []


async def test_what_is_still_processed_is_no_payment_to_it(client: YooKassa, control: Control) -> None:
    control.spoil(operation="create_payment", fault="processing")

    with pytest.raises(ValidationError):
        await client.payments.create_payment(an_order())


async def test_an_unknown_payment_and_a_gateways_page_raise_its_errors(
    client: YooKassa, control: Control
) -> None:
    with pytest.raises(NotFound):
        await client.payments.get_payment("30f5d918-000f-5000-8000-18db351245c7")
    control.spoil(operation="get_payment", fault="html_502")
    with pytest.raises(APIError, match="HTTP 502"):
        await client.payments.get_payment("30f5d918-000f-5000-8000-18db351245c7")


async def test_it_reads_our_notification_and_not_the_documentations(
    client: YooKassa, control: Control
) -> None:
    """The documentation's example has neither `recipient` nor the method's `status`: the callback gets a dict."""
    payment = await client.payments.create_payment(an_order(capture=False))
    control.pay(payment.id)
    ours: Json = control.notified()[0]
    documented = {name: value for name, value in ours["object"].items() if name != "recipient"}
    handler = WebhookHandler()

    read = await handler.handle_notification(handler.parse_notification(ours))
    unread = await handler.handle_notification(handler.parse_notification(ours | {"object": documented}))

    assert (read.id, unread) == (payment.id, documented)
