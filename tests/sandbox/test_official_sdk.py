"""The official Python SDK 3.13.0 drives the sandbox unmodified, over a real socket; see docs/yookassa-clients.md."""

import uuid
from decimal import Decimal

import httpx2 as httpx
import pytest
from yookassa.domain.exceptions import (
    ApiError,
    BadRequestError,
    ForbiddenError,
    GoneError,
    InternalServerError,
    NotFoundError,
    ResponseProcessingError,
    TooManyRequestsError,
    UnauthorizedError,
)
from yookassa.domain.notification import WebhookNotificationFactory
from yookassa.domain.response.payment_method_response import SavePaymentMethodResponse
from yookassa.domain.response.payment_response import PaymentResponse
from yookassa.domain.response.refund_response import RefundResponse

from tests.sandbox.serving import Control
from tests.sandbox.shop import BACK, Json, a_request
from tests.sandbox.test_receipts import a_closing_receipt, a_receipt
from yookassa import Configuration, Payment, PaymentMethod, Receipt, Refund, Settings, Webhook


@pytest.fixture(autouse=True)
def _configured(address: str, control: Control) -> None:  # noqa: ARG001  (a fresh sandbox for each test)
    Configuration.configure("100500", "test_sandbox", api_url=f"{address}/v3", timeout=10)


def test_create_pay_find_refund_and_list(control: Control) -> None:
    payment = Payment.create(a_request(), str(uuid.uuid4()))
    control.pay(payment.id, card="5555555555554477")
    paid = Payment.find_one(payment.id)

    refund = Refund.create({"payment_id": payment.id, "amount": {"value": 100.0, "currency": "RUB"}})

    assert payment.confirmation.confirmation_url.endswith(f"/pay/{payment.id}")
    assert (payment.status, paid.status, paid.paid) == ("pending", "succeeded", True)
    assert paid.income_amount.value == Decimal("288.54")
    assert paid.payment_method.card.last4 == "4477"
    assert paid.authorization_details.three_d_secure.applied is True
    assert paid.metadata == {"order": "A17", "cms_name": "yookassa_sdk_python"}
    assert Refund.find_one(refund.id).status == "succeeded"
    assert Payment.find_one(payment.id).refunded_amount.value == Decimal("100.00")
    assert [item.id for item in Payment.list({"status": "succeeded"}).items] == [payment.id]
    assert [item.id for item in Refund.list({"payment_id": payment.id}).items] == [refund.id]


def test_lists_go_on_with_a_cursor(control: Control) -> None:
    ids = [Payment.create(a_request()).id for _ in range(3)]

    first = Payment.list({"limit": 2, "created_at.gte": "2024-01-01T00:00:00.000Z"})
    second = Payment.list({"limit": 2, "cursor": first.next_cursor})

    assert [item.id for item in [*first.items, *second.items]] == ids[::-1]
    assert second.next_cursor is None
    assert control.requests()[0]["operation"] == "list_payments"


def test_a_hold_is_captured_and_another_canceled_without_a_body(control: Control) -> None:
    kept, returned = (Payment.create(a_request(capture=False)) for _ in range(2))
    for payment in (kept, returned):
        control.pay(payment.id)

    captured, canceled = Payment.capture(kept.id), Payment.cancel(returned.id)

    assert (captured.status, canceled.status) == ("succeeded", "canceled")
    assert canceled.cancellation_details.reason == "canceled_by_merchant"


def test_a_part_is_captured(control: Control) -> None:
    payment = Payment.create(a_request(capture=False))
    control.pay(payment.id)

    captured = Payment.capture(payment.id, {"amount": {"value": "100.00", "currency": "RUB"}})

    assert captured.amount.value == Decimal("100.00")


def test_a_saved_card_is_charged(control: Control) -> None:
    first = Payment.create(a_request(save_payment_method=True))
    control.pay(first.id)
    method_id = Payment.find_one(first.id).payment_method.id

    charged = Payment.create(
        {"amount": {"value": "299.00", "currency": "RUB"}, "capture": True, "payment_method_id": method_id}
    )

    assert (charged.status, charged.payment_method.id, charged.payment_method.saved) == (
        "succeeded",
        method_id,
        True,
    )


def test_a_card_is_bound_without_a_charge(control: Control) -> None:
    method = PaymentMethod.create(
        {"type": "bank_card", "confirmation": {"type": "redirect", "return_url": BACK}}
    )
    control.bind(method.id)

    bound = PaymentMethod.find_one(method.id)

    assert (method.status, bound.status, bound.saved) == ("pending", "active", True)
    assert bound.holder.account_id == "100500"


def test_receipts_are_created_found_and_listed(control: Control) -> None:
    control.change_shop(fiscalization=True)
    payment = Payment.create(a_request(receipt=a_receipt()))
    control.pay(payment.id)

    closing = Receipt.create(
        a_closing_receipt({"id": payment.id, "amount": {"value": "299.00", "currency": "RUB"}})
    )

    assert Payment.find_one(payment.id).receipt_registration == "pending"
    assert Receipt.find_one(closing.id).items[0].quantity == 1
    assert len(Receipt.list({"payment_id": payment.id}).items) == 2


def test_me_is_read(control: Control) -> None:
    control.change_shop(fiscalization=True)

    me = Settings.get_account_settings()

    assert (me.account_id, me.test, me.fiscalization_enabled) == ("100500", True, True)


def test_an_application_manages_its_webhooks(control: Control, address: str) -> None:
    Configuration.configure_auth_token("test_oauth", api_url=f"{address}/v3")

    hook = Webhook.add({"event": "payment.succeeded", "url": "https://shop.example/hook"})

    assert [item.id for item in Webhook.list().items] == [hook.id]
    Webhook.remove(hook.id)
    assert Webhook.list().items == []
    assert control.shop()["notify_url"] is None


def test_what_is_no_whole_kopeck_is_rounded_before_it_leaves(control: Control) -> None:
    Payment.create(a_request(amount={"value": "299.105", "currency": "RUB"}))

    assert control.requests()[0]["body"]["amount"]["value"] == "299.11"


def test_one_key_of_the_metadata_is_its_own(control: Control) -> None:
    with pytest.raises(BadRequestError) as refused:
        Payment.create(a_request(metadata={str(n): "" for n in range(16)}))

    assert refused.value.content["parameter"] == "metadata"
    assert len(control.requests()[0]["body"]["metadata"]) == 17


def test_a_reason_it_does_not_know_is_lost(control: Control) -> None:
    payment = Payment.create(a_request())
    control.decline(payment.id, "a_reason_of_tomorrow")

    assert Payment.find_one(payment.id).cancellation_details.reason == "unknown"


def test_a_payment_by_alfa_pay_is_read_and_not_made(control: Control) -> None:
    by_alfa_pay = a_request(payment_method_data={"type": "alfa_pay"})
    with httpx.Client(auth=("100500", "test_sandbox"), trust_env=False) as client:
        key = {"Idempotence-Key": "alfa"}
        made = client.post(f"{Configuration.api_endpoint()}/payments", json=by_alfa_pay, headers=key).json()
    control.pay(made["id"])

    with pytest.raises(TypeError):
        Payment.create(by_alfa_pay)

    assert Payment.find_one(made["id"]).payment_method.type == "unknown"


def test_an_event_it_does_not_know_is_read_as_a_payment(control: Control) -> None:
    payment = Payment.create(a_request())
    control.pay(payment.id)
    control.spoil(operation="notification", fault="unknown_event")
    refund = Refund.create({"payment_id": payment.id, "amount": {"value": "299.00", "currency": "RUB"}})

    read = WebhookNotificationFactory().create(control.notified()[0])

    assert (type(read.object), read.object.id) == (PaymentResponse, refund.id)


def test_a_gateways_page_raises_an_error_that_is_not_its_own(control: Control) -> None:
    control.spoil(operation="create_payment", fault="html_502")

    with pytest.raises(ValueError, match="Expecting value") as raised:
        Payment.create(a_request())

    assert not isinstance(raised.value, ApiError)


ERRORS = [
    ({"fault": "error_500"}, InternalServerError),
    ({"fault": "too_many"}, TooManyRequestsError),
    ({"fault": "processing"}, ResponseProcessingError),
    ({"fault": "gone"}, GoneError),
    ({"fault": "refusal"}, ApiError),
    ({"fault": "lost_before"}, AttributeError),
]


@pytest.mark.parametrize(("rule", "error"), ERRORS)
def test_faults_raise_what_the_sdk_makes_of_them(
    control: Control, rule: Json, error: type[Exception]
) -> None:
    control.spoil(**rule)

    with pytest.raises(error):
        Payment.create(a_request())


def test_refusals_raise_their_own_errors(control: Control, address: str) -> None:
    with pytest.raises(BadRequestError) as bad:
        Payment.create(a_request(amount={"value": "800000.00", "currency": "RUB"}))
    with pytest.raises(NotFoundError):
        Payment.find_one("30f5d918-000f-5000-8000-18db351245c7")
    control.change_shop(recurring=False)
    with pytest.raises(ForbiddenError) as forbidden:
        Payment.create(a_request(save_payment_method=True))
    Configuration.configure("100500", "wrong", api_url=f"{address}/v3")
    with pytest.raises(UnauthorizedError):
        Payment.find_one("30f5d918-000f-5000-8000-18db351245c7")

    assert bad.value.content["parameter"] == "amount.value"
    assert forbidden.value.error.description.startswith("This store can't make recurring payments")
    assert issubclass(ForbiddenError, ApiError)


def test_the_same_key_gives_the_same_payment(control: Control) -> None:
    control.spoil(operation="create_payment", fault="lost_after", count=1)
    key = str(uuid.uuid4())
    with pytest.raises(AttributeError):
        Payment.create(a_request(), key)

    payment = Payment.create(a_request(), key)

    assert [item["id"] for item in control.payments()] == [payment.id]


def test_the_notification_factory_reads_every_event(control: Control) -> None:
    held = Payment.create(a_request(capture=False))
    control.pay(held.id)
    Payment.cancel(held.id)
    paid = Payment.create(a_request())
    control.pay(paid.id)
    refund = Refund.create({"payment_id": paid.id, "amount": {"value": "299.00", "currency": "RUB"}})
    method = PaymentMethod.create(
        {"type": "bank_card", "confirmation": {"type": "redirect", "return_url": BACK}}
    )
    control.bind(method.id)

    bodies = control.notified()[::-1]
    read = [WebhookNotificationFactory().create(body) for body in bodies]

    assert [(each.event, type(each.object), each.object.id) for each in read] == [
        ("payment.waiting_for_capture", PaymentResponse, held.id),
        ("payment.canceled", PaymentResponse, held.id),
        ("payment.succeeded", PaymentResponse, paid.id),
        ("refund.succeeded", RefundResponse, refund.id),
        ("payment_method.active", SavePaymentMethodResponse, method.id),
    ]
    assert read[3].object.payment_id == paid.id
