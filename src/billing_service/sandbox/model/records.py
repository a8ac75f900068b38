"""The provider's objects together with what it knows about them without showing it."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field

from billing_service.sandbox.model.cards import BankCard, Cancellation
from billing_service.sandbox.model.clock import Moment
from billing_service.sandbox.model.objects import Payment, Receipt, Refund, SavedMethod


class AskedReceipt(BaseModel):
    """A readable receipt of a payment, a capture or a refund."""

    items: list[dict[str, Any]]
    total: Decimal
    tax_system_code: int | None


class HistoryLine(BaseModel):
    """One thing that happened to an object, for people and tests; never on the provider's wire."""

    at: Moment
    what: str
    why: str | None = None


class Record(BaseModel):
    """What every object has: a past, and perhaps a reason for which its next step shall fail."""

    history: list[HistoryLine] = Field(default_factory=list)
    doom: Cancellation | None = None

    def note(self, at: datetime, what: str, why: str | None = None) -> None:
        self.history.append(HistoryLine(at=at, what=what, why=why))


class Confirmable(Record):
    """What a person confirms on a page: there may be 3-D Secure on the way and a shop to go back to."""

    enforce_three_d_secure: bool = False
    return_url: str | None = None
    challenged: BankCard | None = None
    saving_chosen: bool = False


class PaymentRecord(Confirmable):
    payment: Payment
    capture: bool
    save: bool | None = None
    confirmed: bool = False
    outcome_after: float | None = None
    receipt: AskedReceipt | None = None


class MethodRecord(Confirmable):
    """`doom` is why every charge of this method is declined from now on."""

    method: SavedMethod


class RefundRecord(Record):
    refund: Refund
    receipt: AskedReceipt | None = None


class ReceiptRecord(Record):
    receipt: Receipt
    issued_at: Moment
