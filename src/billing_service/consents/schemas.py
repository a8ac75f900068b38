"""How consents look on the wire."""

from typing import Annotated
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from billing_service.consents.models import Consent
from billing_service.kit.money import to_wire
from billing_service.kit.wire import UtcTime

CONSENT_ID = "c0a8f1d2-7b5e-4f0a-8d55-1f2a3b4c5d6e"
GIVEN: dict[str, JsonValue] = {
    "consent_id": CONSENT_ID,
    "document_version": "2026-11",
    "plan_code": "PRO_MONTHLY",
    "amount": "299.00",
    "currency": "RUB",
    "period_days": 30,
    "given_at": "2026-11-21T18:02:40.115000Z",
}
Version = Annotated[
    str,
    Field(
        min_length=1,
        max_length=100,
        pattern=r"^[^\u0000-\u001f\u007f]+$",
        description="Which text the user agreed to, as you name your versions.",
    ),
]


class ConsentIn(BaseModel):
    """To what the user agrees: the plan at its price of now, again and again, under this text."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"document_version": "2026-11", "plan_code": "PRO_MONTHLY"}}
    )

    document_version: Version
    plan_code: Annotated[str, Field(description="A `code` of `plans/`, the free one excepted.")]


class InlineConsentIn(BaseModel):
    """A consent that comes along with the request it is for."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"example": {"document_version": "2026-11"}})

    document_version: Version


class ConsentOut(BaseModel):
    """What the user agreed to. `amount` is in roubles, for `period_days` days."""

    model_config = ConfigDict(json_schema_extra={"example": GIVEN})

    consent_id: UUID
    document_version: str
    plan_code: str
    amount: str
    currency: str
    period_days: int
    given_at: UtcTime


class ListedConsentOut(ConsentOut):
    """The same, and when it was taken back: by the user, or by his refusal of the card."""

    model_config = ConfigDict(json_schema_extra={"example": GIVEN | {"withdrawn_at": None}})

    withdrawn_at: UtcTime | None


class ConsentListOut(BaseModel):
    """The user's consents, newest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"results": [GIVEN | {"withdrawn_at": None}]}})

    results: list[ListedConsentOut]


def consent_out(consent: Consent) -> ConsentOut:
    return ConsentOut(
        consent_id=consent.id,
        document_version=consent.document_version,
        plan_code=consent.plan_code,
        amount=to_wire(consent.amount),
        currency=consent.currency,
        period_days=consent.period_days,
        given_at=consent.given_at,
    )


def listed_consent_out(consent: Consent) -> ListedConsentOut:
    return ListedConsentOut(**consent_out(consent).model_dump(), withdrawn_at=consent.withdrawn_at)
