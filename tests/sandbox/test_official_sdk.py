"""The official Python SDK drives the sandbox unmodified, over a real socket."""

import uuid
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

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

from tests.sandbox.serving import served
from tests.sandbox.shop import BACK, Json, a_request
from tests.sandbox.test_receipts import a_closing_receipt, a_receipt
from yookassa import Configuration, Payment, PaymentMethod, Receipt, Refund, Settings, Webhook


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served() as address:
        yield address


@pytest.fixture
def control(address: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[httpx.Client]:
    """The control API of a fresh sandbox that the SDK talks to."""
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    Configuration.configure("100500", "test_sandbox", api_url=f"{address}/v3", timeout=10)
    with httpx.Client(base_url=f"{address}/_sandbox", trust_env=False) as control:
        control.post("/reset").raise_for_status()
        yield control


def pay(control: httpx.Client, payment: Any, **order: str) -> None:  # noqa: ANN401  (the SDK has no types)
    control.post(f"/payments/{payment.id}/pay", json=order).raise_for_status()


def spoil(control: httpx.Client, **rule: object) -> None:
    control.put("/faults", json=[rule]).raise_for_status()


def test_create_pay_find_refund_and_list(control: httpx.Client) -> None:
    payment = Payment.create(a_request(), str(uuid.uuid4()))
    pay(control, payment, card="5555555555554477")
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


def test_lists_go_on_with_a_cursor(control: httpx.Client) -> None:
    ids = [Payment.create(a_request()).id for _ in range(3)]

    first = Payment.list({"limit": 2, "created_at.gte": "2024-01-01T00:00:00.000Z"})
    second = Payment.list({"limit": 2, "cursor": first.next_cursor})

    assert [item.id for item in [*first.items, *second.items]] == ids[::-1]
    assert second.next_cursor is None
    assert control.get("/requests").json()["results"][0]["operation"] == "list_payments"


def test_a_hold_is_captured_and_another_canceled_without_a_body(control: httpx.Client) -> None:
    kept, returned = (Payment.create(a_request(capture=False)) for _ in range(2))
    for payment in (kept, returned):
        pay(control, payment)

    captured, canceled = Payment.capture(kept.id), Payment.cancel(returned.id)

    assert (captured.status, canceled.status) == ("succeeded", "canceled")
    assert canceled.cancellation_details.reason == "canceled_by_merchant"


def test_a_part_is_captured(control: httpx.Client) -> None:
    payment = Payment.create(a_request(capture=False))
    pay(control, payment)

    captured = Payment.capture(payment.id, {"amount": {"value": "100.00", "currency": "RUB"}})

    assert captured.amount.value == Decimal("100.00")


def test_a_saved_card_is_charged(control: httpx.Client) -> None:
    first = Payment.create(a_request(save_payment_method=True))
    pay(control, first)
    method_id = Payment.find_one(first.id).payment_method.id

    charged = Payment.create(
        {"amount": {"value": "299.00", "currency": "RUB"}, "capture": True, "payment_method_id": method_id}
    )

    assert (charged.status, charged.payment_method.id, charged.payment_method.saved) == (
        "succeeded",
        method_id,
        True,
    )


def test_a_card_is_bound_without_a_charge(control: httpx.Client) -> None:
    method = PaymentMethod.create(
        {"type": "bank_card", "confirmation": {"type": "redirect", "return_url": BACK}}
    )
    control.post(f"/payment_methods/{method.id}/confirm").raise_for_status()

    bound = PaymentMethod.find_one(method.id)

    assert (method.status, bound.status, bound.saved) == ("pending", "active", True)
    assert bound.holder.account_id == "100500"


def test_receipts_are_created_found_and_listed(control: httpx.Client) -> None:
    control.put("/shop", json={"fiscalization": True}).raise_for_status()
    payment = Payment.create(a_request(receipt=a_receipt()))
    pay(control, payment)

    closing = Receipt.create(
        a_closing_receipt({"id": payment.id, "amount": {"value": "299.00", "currency": "RUB"}})
    )

    assert Payment.find_one(payment.id).receipt_registration == "pending"
    assert Receipt.find_one(closing.id).items[0].quantity == 1
    assert len(Receipt.list({"payment_id": payment.id}).items) == 2


def test_me_is_read(control: httpx.Client) -> None:
    control.put("/shop", json={"fiscalization": True}).raise_for_status()

    me = Settings.get_account_settings()

    assert (me.account_id, me.test, me.fiscalization_enabled) == ("100500", True, True)


def test_an_application_manages_its_webhooks(control: httpx.Client, address: str) -> None:
    Configuration.configure_auth_token("test_oauth", api_url=f"{address}/v3")

    hook = Webhook.add({"event": "payment.succeeded", "url": "https://shop.example/hook"})

    assert [item.id for item in Webhook.list().items] == [hook.id]
    Webhook.remove(hook.id)
    assert Webhook.list().items == []
    assert control.get("/shop").json()["notify_url"] is None


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
    control: httpx.Client, rule: Json, error: type[Exception]
) -> None:
    spoil(control, **rule)

    with pytest.raises(error):
        Payment.create(a_request())


def test_refusals_raise_their_own_errors(control: httpx.Client, address: str) -> None:
    with pytest.raises(BadRequestError) as bad:
        Payment.create(a_request(amount={"value": "800000.00", "currency": "RUB"}))
    with pytest.raises(NotFoundError):
        Payment.find_one("30f5d918-000f-5000-8000-18db351245c7")
    control.put("/shop", json={"recurring": False}).raise_for_status()
    with pytest.raises(ForbiddenError) as forbidden:
        Payment.create(a_request(save_payment_method=True))
    Configuration.configure("100500", "wrong", api_url=f"{address}/v3")
    with pytest.raises(UnauthorizedError):
        Payment.find_one("30f5d918-000f-5000-8000-18db351245c7")

    assert bad.value.content["parameter"] == "amount.value"
    assert forbidden.value.error.description.startswith("This store can't make recurring payments")
    assert issubclass(ForbiddenError, ApiError)


def test_the_same_key_gives_the_same_payment(control: httpx.Client) -> None:
    spoil(control, operation="create_payment", fault="lost_after", count=1)
    key = str(uuid.uuid4())
    with pytest.raises(AttributeError):
        Payment.create(a_request(), key)

    payment = Payment.create(a_request(), key)

    assert [item["id"] for item in control.get("/payments").json()["results"]] == [payment.id]


def test_the_notification_factory_reads_every_event(control: httpx.Client) -> None:
    held = Payment.create(a_request(capture=False))
    pay(control, held)
    Payment.cancel(held.id)
    paid = Payment.create(a_request())
    pay(control, paid)
    refund = Refund.create({"payment_id": paid.id, "amount": {"value": "299.00", "currency": "RUB"}})
    method = PaymentMethod.create(
        {"type": "bank_card", "confirmation": {"type": "redirect", "return_url": BACK}}
    )
    control.post(f"/payment_methods/{method.id}/confirm").raise_for_status()

    bodies = [line["body"] for line in reversed(control.get("/notifications").json()["results"])]
    read = [WebhookNotificationFactory().create(body) for body in bodies]

    assert [(each.event, type(each.object), each.object.id) for each in read] == [
        ("payment.waiting_for_capture", PaymentResponse, held.id),
        ("payment.canceled", PaymentResponse, held.id),
        ("payment.succeeded", PaymentResponse, paid.id),
        ("refund.succeeded", RefundResponse, refund.id),
        ("payment_method.active", SavePaymentMethodResponse, method.id),
    ]
    assert read[3].object.payment_id == paid.id
