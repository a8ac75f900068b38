"""The provider's objects as they stand on the wire. Absent fields are left out, never sent as null."""

from decimal import Decimal
from typing import Any, Self

from pydantic import BaseModel, Field

from billing_service.sandbox.cards import BankCard, Cancellation
from billing_service.sandbox.clock import Moment
from billing_service.sandbox.states import Status


class Money(BaseModel):
    """An amount with exactly two places, written as a string."""

    value: Decimal
    currency: str

    def plus(self, other: "Money") -> Self:
        return self.model_copy(update={"value": self.value + other.value})


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


class HistoryLine(BaseModel):
    """One thing that happened to an object, for people and tests; never on the provider's wire."""

    at: Moment
    what: str
    why: str | None = None


class PaymentRecord(BaseModel):
    """A payment, and what the provider knows about it without showing it."""

    payment: Payment
    capture: bool
    save: bool | None = None
    enforce_three_d_secure: bool = False
    return_url: str | None = None
    challenged: BankCard | None = None
    history: list[HistoryLine] = Field(default_factory=list)

    def note(self, at: Moment, what: str, why: str | None = None) -> None:
        self.history.append(HistoryLine(at=at, what=what, why=why))


def wire(thing: BaseModel) -> dict[str, Any]:
    """The JSON object of this thing: what is absent stays absent."""
    return thing.model_dump(mode="json", exclude_none=True)
