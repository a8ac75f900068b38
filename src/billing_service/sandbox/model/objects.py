"""The provider's objects as they stand on the wire. Absent fields are left out, never sent as null."""

from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel, Field

from billing_service.sandbox.model.cards import Cancellation
from billing_service.sandbox.model.clock import Moment
from billing_service.sandbox.model.states import Status


class Money(BaseModel):
    """An amount with exactly two places, written as a string."""

    value: Decimal
    currency: str

    def plus(self, other: "Money | None") -> Self:
        return self if other is None else self.model_copy(update={"value": self.value + other.value})


class Recipient(BaseModel):
    account_id: str
    gateway_id: str


class Confirmation(BaseModel):
    """What the payer still has to do; which fields are there depends on the type."""

    type: str
    enforce: bool | None = None
    return_url: str | None = None
    confirmation_url: str | None = None
    confirmation_token: str | None = None
    confirmation_data: str | None = None


class CardDetails(BaseModel):
    first6: str
    last4: str
    expiry_year: str = "2030"
    expiry_month: str = "11"
    card_type: str
    issuer_country: str = "RU"


class PayerBank(BaseModel):
    bank_id: str
    bic: str


class PaymentMethod(BaseModel):
    """How it is paid. Only `saved: true` makes its id chargeable."""

    type: str
    id: str
    saved: bool = False
    status: Status = Status.PENDING
    title: str | None = None
    card: CardDetails | None = None
    account_number: str | None = None
    phone: str | None = None
    payer_bank_details: PayerBank | None = None
    sbp_operation_id: str | None = None
    loan_option: str | None = None


class ThreeDSecure(BaseModel):
    applied: bool


class SavedMethod(PaymentMethod):
    """A method bound without a payment, as `GET /payment_methods/{id}` and its notification show it."""

    holder: Recipient
    confirmation: Confirmation | None = None
    metadata: dict[str, str] | None = None

    def as_paid_with(self) -> PaymentMethod:
        """The same method as a payment charged by it shows it."""
        shown = {name: getattr(self, name) for name in PaymentMethod.model_fields}
        return PaymentMethod(**shown).model_copy(deep=True)


class AuthorizationDetails(BaseModel):
    rrn: str
    auth_code: str
    three_d_secure: ThreeDSecure


class Payment(BaseModel):
    """Money coming in, as `GET /payments/{id}` and notifications show it."""

    id: str
    status: Status = Status.PENDING
    paid: bool = False
    amount: Money
    income_amount: Money | None = None
    refunded_amount: Money | None = None
    created_at: Moment
    captured_at: Moment | None = None
    expires_at: Moment | None = None
    description: str | None = None
    recipient: Recipient
    payment_method: PaymentMethod | None = None
    confirmation: Confirmation | None = None
    refundable: bool = False
    test: bool
    receipt_registration: Status | None = None
    metadata: dict[str, str] = Field(default_factory=dict)
    cancellation_details: Cancellation | None = None
    authorization_details: AuthorizationDetails | None = None
    merchant_customer_id: str | None = None


class RefundAuthorization(BaseModel):
    rrn: str


class RefundMethod(BaseModel):
    type: str
    sbp_operation_id: str


class Refund(BaseModel):
    """Money going back."""

    id: str
    payment_id: str
    status: Status = Status.PENDING
    cancellation_details: Cancellation | None = None
    receipt_registration: Status | None = None
    created_at: Moment
    amount: Money
    description: str | None = None
    metadata: dict[str, str] | None = None
    refund_method: RefundMethod | None = None
    refund_authorization_details: RefundAuthorization | None = None


class Settlement(BaseModel):
    type: str
    amount: Money


class Receipt(BaseModel):
    """A fiscal receipt; its items are kept as the shop wrote them."""

    id: str
    type: str
    payment_id: str | None = None
    refund_id: str | None = None
    status: Status = Status.PENDING
    fiscal_document_number: str | None = None
    fiscal_storage_number: str | None = None
    fiscal_attribute: str | None = None
    registered_at: Moment | None = None
    fiscal_provider_id: str | None = None
    tax_system_code: int | None = None
    items: list[dict[str, Any]]
    settlements: list[Settlement] | None = None


class Webhook(BaseModel):
    """A subscription of an OAuth application to one event."""

    id: str
    event: str
    url: str


def wire(thing: BaseModel) -> dict[str, Any]:
    """The JSON object of this thing: what is absent stays absent."""
    return thing.model_dump(mode="json", exclude_none=True)
