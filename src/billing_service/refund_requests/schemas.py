"""How refund requests look on the wire."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from billing_service.audit.schemas import Author, Reason
from billing_service.kit.money import to_wire
from billing_service.kit.wire import Roubles, UtcTime
from billing_service.refund_requests.queries import Case
from billing_service.refund_requests.service import Prospect

PAYMENT_ID = "4a8b9f5e-2a58-4c4b-9a53-0f6d6c1b7e11"
CASE_ID = "5c1c3a52-4e5e-4c0e-8a0f-3f8a1d2b9c77"
Status = Literal["open", "refunded", "refused"]
CASE: dict[str, JsonValue] = {
    "case_number": "R-000017",
    "status": "open",
    "reason": "Не пользуюсь",
    "created_at": "2026-11-27T09:00:00Z",
    "answer_by": "2026-12-07T09:00:00Z",
    "concluded_at": None,
    "answer": None,
}
LISTED: dict[str, JsonValue] = {
    "refund_request_id": CASE_ID,
    "payment_id": PAYMENT_ID,
    "user_id": 1001,
    "amount": "299.00",
    "currency": "RUB",
    "refund_id": None,
    "refused_by": None,
    **CASE,
}


class RefundRequestIn(BaseModel):
    model_config = ConfigDict(json_schema_extra={"example": {"reason": "Не пользуюсь"}})

    reason: Reason


class RefuseRequestIn(BaseModel):
    """`reason` is what the payer reads."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"author": "support", "reason": "Все дни уже использованы"}},
    )

    author: Author
    reason: Reason


class CaseOut(BaseModel):
    """A case: `answer` is why it was refused. `answer_by` is until when somebody answers."""

    model_config = ConfigDict(json_schema_extra={"example": CASE})

    case_number: str = Field(description="To be quoted to support.")
    status: Status
    reason: str
    created_at: UtcTime
    answer_by: UtcTime
    concluded_at: UtcTime | None
    answer: str | None


class ProspectOut(BaseModel):
    """What would become of it now."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "payment_id": PAYMENT_ID,
                "refundable": "299.00",
                "currency": "RUB",
                "access": "cut_all",
                "access_seconds_taken": 2592000,
                "can_be_requested": True,
                "request": None,
            }
        }
    )

    payment_id: UUID
    refundable: Roubles = Field(description="What would go back: all that is left; 0.00 if nothing can.")
    currency: str | None = Field(description="Null if nothing can go back.")
    access: Literal["keep", "cut_prorata", "cut_all"] | None = Field(
        description="What would happen to the access that was paid for; null if nothing can go back."
    )
    access_seconds_taken: int = Field(description="Of the access, if it were sent back now.")
    can_be_requested: bool = Field(description="Something can go back, and no request is open.")
    request: CaseOut | None = Field(description="The newest one.")


class OperatorCaseOut(CaseOut):
    """The same, for whoever answers it. A refund of the payment concludes it by itself."""

    model_config = ConfigDict(json_schema_extra={"example": LISTED})

    refund_request_id: UUID
    payment_id: UUID
    user_id: int
    amount: Roubles = Field(description="Of the payment.")
    currency: str
    refund_id: UUID | None = Field(description="What concluded it.")
    refused_by: str | None


class OperatorCaseListOut(BaseModel):
    """The one that must be answered first comes first."""

    model_config = ConfigDict(json_schema_extra={"example": {"results": [LISTED]}})

    results: list[OperatorCaseOut]


def case_number(case: Case) -> str:
    """`R-000017`."""
    return f"R-{case.number:06}"


def _status(case: Case) -> Status:
    if case.concluded_at is None:
        return "open"
    return "refused" if case.refusal is not None else "refunded"


def case_out(case: Case) -> CaseOut:
    return CaseOut(
        case_number=case_number(case),
        status=_status(case),
        reason=case.reason,
        created_at=case.created_at,
        answer_by=case.answer_by,
        concluded_at=case.concluded_at,
        answer=case.refusal,
    )


def prospect_out(prospect: Prospect) -> ProspectOut:
    outlook, case = prospect.outlook, prospect.case
    is_open = case is not None and case.concluded_at is None
    return ProspectOut(
        payment_id=prospect.payment_id,
        refundable=to_wire(outlook.amount) if outlook else "0.00",
        currency=outlook.currency if outlook else None,
        access=outlook.access if outlook else None,
        access_seconds_taken=int(prospect.taken.total_seconds()),
        can_be_requested=outlook is not None and not is_open,
        request=case_out(case) if case else None,
    )


def operator_case_out(case: Case) -> OperatorCaseOut:
    return OperatorCaseOut(
        **dict(case_out(case)),
        refund_request_id=case.id,
        payment_id=case.payment_id,
        user_id=case.user_id,
        amount=to_wire(case.amount),
        currency=case.currency,
        refund_id=case.refund_id,
        refused_by=case.refused_by,
    )
