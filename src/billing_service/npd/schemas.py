"""How the register looks on the wire."""

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, JsonValue, StringConstraints

from billing_service.audit.schemas import Author
from billing_service.kit.money import to_wire
from billing_service.kit.wire import UtcTime
from billing_service.npd.service import Entry, Month, Year

ENTRY_ID = "4a8b9f5e-2a58-4c4b-9a53-0f6d6c1b7e11"
RECEIPT = {
    "number": "200abcd1ef",
    "link": "https://lknpd.nalog.ru/api/v1/receipt/770000000000/200abcd1ef/print",
}
ENTRY: dict[str, JsonValue] = {
    "entry_id": ENTRY_ID,
    "kind": "income",
    "payment_id": ENTRY_ID,
    "user_id": 1001,
    "amount": "299.00",
    "currency": "RUB",
    "after_fee": "288.54",
    "description": "EatFit24: PRO месяц",
    "happened_at": "2026-11-21T18:04:11.482000Z",
    "month": "2026-11",
    "income_month": "2026-11",
    "state": "registered",
    "receipt": {**RECEIPT, "author": "owner", "registered_at": "2026-11-22T09:00:00Z"},
}
SUMMARY: dict[str, JsonValue] = {
    "income": "598.00",
    "returned": "100.00",
    "kept": "498.00",
    "limit": "2400000.00",
    "is_near_limit": False,
    "months": [
        {
            "month": "2026-11",
            "income": "598.00",
            "returned": "100.00",
            "kept": "498.00",
            "after_fee": "577.08",
            "open": 2,
        }
    ],
}
State = Literal["open", "registered"]


class ReceiptIn(BaseModel):
    """The receipt that «Мой налог» gave, and who entered it there. Of a return: of the receipt that was annulled."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": {**RECEIPT, "author": "owner"}})

    number: Annotated[
        str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50, pattern=r"^[0-9A-Za-z]+$")
    ]
    # The payer is sent there.
    link: Annotated[
        str | None,
        Field(
            max_length=500,
            pattern=r"^https://([a-z0-9-]+\.)*nalog\.(gov\.)?ru/[!-~]*$",
            description="Where the receipt is shown, on a site of the tax office; the payer sees it.",
        ),
    ] = None
    author: Author


class ReceiptOut(BaseModel):
    number: str
    link: str | None
    author: str
    registered_at: UtcTime


class EntryOut(BaseModel):
    """One sale or one return. `income_month` is that of the sale, from which a return is taken off."""

    model_config = ConfigDict(json_schema_extra={"example": ENTRY})

    entry_id: UUID = Field(description="Our id of the payment, or of the refund.")
    kind: Literal["income", "return"]
    payment_id: UUID
    user_id: int
    amount: str
    currency: str
    after_fee: str | None = Field(description="What YooKassa's fee leaves of it; null if it has not said so.")
    description: str
    happened_at: UtcTime
    month: str
    income_month: str
    state: State
    receipt: ReceiptOut | None


class RegisterOut(BaseModel):
    """What happened in the month, the oldest first. `since` is null where no register is kept."""

    model_config = ConfigDict(json_schema_extra={"example": {"since": "2026-01-01", "results": [ENTRY]}})

    since: date | None
    results: list[EntryOut]


class MonthOut(BaseModel):
    month: str
    income: str
    returned: str = Field(description="Of what was sold in this month, whenever it went back.")
    kept: str
    after_fee: str | None = Field(
        description="What YooKassa's fee left of `income`; null unless it said so of each."
    )
    open: int


class SummaryOut(BaseModel):
    """In roubles. `kept` is what counts against the yearly `limit`; near it from 80 percent on."""

    model_config = ConfigDict(json_schema_extra={"example": SUMMARY})

    income: str
    returned: str
    kept: str
    limit: str
    is_near_limit: bool
    months: list[MonthOut]


def entry_out(entry: Entry) -> EntryOut:
    receipt = None
    if entry.number and entry.author and entry.registered_at:
        receipt = ReceiptOut(
            number=entry.number, link=entry.link, author=entry.author, registered_at=entry.registered_at
        )
    return EntryOut(
        entry_id=entry.entry_id,
        kind=entry.kind,
        payment_id=entry.payment_id,
        user_id=entry.user_id,
        amount=to_wire(entry.amount),
        currency=entry.currency,
        after_fee=None if entry.income_amount is None else to_wire(entry.income_amount),
        description=entry.description,
        happened_at=entry.happened_at,
        month=f"{entry.month:%Y-%m}",
        income_month=f"{entry.income_month:%Y-%m}",
        state="registered" if receipt else "open",
        receipt=receipt,
    )


def summary_out(year: Year) -> SummaryOut:
    return SummaryOut(
        income=to_wire(year.income),
        returned=to_wire(year.returned),
        kept=signed(year.kept),
        limit=to_wire(year.limit),
        is_near_limit=year.is_near_limit,
        months=[_month_out(month) for month in year.months],
    )


def _month_out(month: Month) -> MonthOut:
    return MonthOut(
        month=f"{month.month:%Y-%m}",
        income=to_wire(month.income),
        returned=to_wire(month.returned),
        kept=signed(month.kept),
        after_fee=None if month.after_fee is None else to_wire(month.after_fee),
        open=month.open,
    )


def signed(amount: object) -> str:
    """The provider may report that more went back than was paid."""
    return f"{amount:.2f}"
