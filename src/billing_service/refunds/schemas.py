"""How refunds look on the wire."""

from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue

from billing_service.audit.schemas import Author, Reason
from billing_service.kit.money import from_wire, to_wire
from billing_service.kit.wire import UtcTime
from billing_service.receipts.schemas import StrictReceiptContactIn
from billing_service.refunds.access import Access
from billing_service.refunds.models import Refund

REFUND_ID = "9d0f8b54-6a3c-4a51-8f0a-6f7f3f9a2c10"
PAYMENT_ID = "4a8b9f5e-2a58-4c4b-9a53-0f6d6c1b7e11"
SUCCEEDED: dict[str, JsonValue] = {
    "refund_id": REFUND_ID,
    "payment_id": PAYMENT_ID,
    "status": "succeeded",
    "amount": "100.00",
    "currency": "RUB",
    "access": "keep",
    "reason": "Десять дней не работало распознавание",
    "author": "support: desk 2",
    "created_at": "2026-11-22T09:15:03.201000Z",
    "completed_at": "2026-11-22T09:15:03.957000Z",
    "cancellation": None,
}
WireStatus = Literal["pending", "succeeded", "canceled", "failed"]
WireAccess = Literal["keep", "cut_prorata", "cut_all"]


def _some_money(amount: str) -> str:
    if from_wire(amount) == 0:
        raise ValueError("there is nothing to send back")
    return amount


class RefundIn(BaseModel):
    """How much goes back, why, and who says so."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "amount": "100.00",
                "reason": "Десять дней не работало распознавание",
                "author": "support: desk 2",
            }
        },
    )

    amount: (
        Annotated[str, Field(pattern=r"^[0-9]{1,10}(\.[0-9]{1,2})?$"), AfterValidator(_some_money)] | None
    ) = Field(None, description="In roubles; all that is left if it is missing.")
    reason: Reason
    author: Author
    access: Access | None = Field(
        None,
        description="What happens to the access that was paid for, once the refund succeeds: `keep` takes none, "
        "`cut_prorata` the unused days that the money bought, `cut_all` all unused days, and auto-renewal. "
        "As configured if it is missing.",
    )

    receipt_contact: StrictReceiptContactIn | None = Field(
        None,
        description="Where the receipt goes that a part needs in a shop which fiscalises; what is known of the user, "
        "if it is missing.",
    )

    @property
    def money(self) -> Decimal | None:
        return None if self.amount is None else from_wire(self.amount)


class RefundCancellationOut(BaseModel):
    """Why the provider did not send the money: its own words."""

    party: str | None
    reason: str | None


class RefundOut(BaseModel):
    """A refund. `author` is null for one that was made in YooKassa's cabinet, and `access` until it has succeeded."""

    model_config = ConfigDict(json_schema_extra={"example": SUCCEEDED})

    refund_id: UUID
    payment_id: UUID
    status: WireStatus = Field(
        description="`pending` may take days; `canceled`: YooKassa could not send the money; `failed`: it refused to."
    )
    amount: str
    currency: str
    access: WireAccess | None
    reason: str
    author: str | None
    created_at: UtcTime
    completed_at: UtcTime | None
    cancellation: RefundCancellationOut | None


class RefundListOut(BaseModel):
    """All of them, those that did not go through too."""

    model_config = ConfigDict(json_schema_extra={"example": {"results": [SUCCEEDED]}})

    results: list[RefundOut]


def refund_out(refund: Refund) -> RefundOut:
    canceled = refund.cancellation_reason is not None or refund.cancellation_party is not None
    return RefundOut(
        refund_id=refund.id,
        payment_id=refund.payment_id,
        status=refund.state.lower(),
        amount=to_wire(refund.amount),
        currency=refund.currency,
        access=refund.access,
        reason=refund.reason,
        author=refund.author,
        created_at=refund.created_at,
        completed_at=refund.completed_at,
        cancellation=RefundCancellationOut(party=refund.cancellation_party, reason=refund.cancellation_reason)
        if canceled
        else None,
    )
