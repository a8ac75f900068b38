from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.entry_out_kind import EntryOutKind, check_entry_out_kind
from ..models.entry_out_state import EntryOutState, check_entry_out_state

if TYPE_CHECKING:
    from ..models.receipt_out import ReceiptOut


T = TypeVar("T", bound="EntryOut")


@_attrs_define
class EntryOut:
    """One sale or one return. `income_month` is that of the sale, from which a return is taken off.

    Attributes:
        entry_id (UUID): Our id of the payment, or of the refund.
        kind (EntryOutKind):
        payment_id (UUID):
        user_id (int):
        amount (str):
        currency (str):
        after_fee (None | str): What YooKassa's fee leaves of it; null if it has not said so.
        description (str):
        happened_at (datetime.datetime): In UTC, ending in `Z`.
        month (str):
        income_month (str):
        state (EntryOutState):
        receipt (None | ReceiptOut):
    """

    entry_id: UUID
    kind: EntryOutKind
    payment_id: UUID
    user_id: int
    amount: str
    currency: str
    after_fee: None | str
    description: str
    happened_at: datetime.datetime
    month: str
    income_month: str
    state: EntryOutState
    receipt: None | ReceiptOut
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.receipt_out import ReceiptOut  # noqa: PLC0415

        entry_id = str(self.entry_id)

        kind: str = self.kind

        payment_id = str(self.payment_id)

        user_id = self.user_id

        amount = self.amount

        currency = self.currency

        after_fee: None | str
        after_fee = self.after_fee

        description = self.description

        happened_at = self.happened_at.isoformat()

        month = self.month

        income_month = self.income_month

        state: str = self.state

        receipt: dict[str, Any] | None
        if isinstance(self.receipt, ReceiptOut):
            receipt = self.receipt.to_dict()
        else:
            receipt = self.receipt

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "entry_id": entry_id,
                "kind": kind,
                "payment_id": payment_id,
                "user_id": user_id,
                "amount": amount,
                "currency": currency,
                "after_fee": after_fee,
                "description": description,
                "happened_at": happened_at,
                "month": month,
                "income_month": income_month,
                "state": state,
                "receipt": receipt,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.receipt_out import ReceiptOut  # noqa: PLC0415

        d = dict(src_dict)
        entry_id = UUID(d.pop("entry_id"))

        kind = check_entry_out_kind(d.pop("kind"))

        payment_id = UUID(d.pop("payment_id"))

        user_id = d.pop("user_id")

        amount = d.pop("amount")

        currency = d.pop("currency")

        def _parse_after_fee(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        after_fee = _parse_after_fee(d.pop("after_fee"))

        description = d.pop("description")

        happened_at = datetime.datetime.fromisoformat(d.pop("happened_at"))

        month = d.pop("month")

        income_month = d.pop("income_month")

        state = check_entry_out_state(d.pop("state"))

        def _parse_receipt(data: object) -> None | ReceiptOut:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                receipt_type_0 = ReceiptOut.from_dict(data)

                return receipt_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReceiptOut, data)

        receipt = _parse_receipt(d.pop("receipt"))

        entry_out = cls(
            entry_id=entry_id,
            kind=kind,
            payment_id=payment_id,
            user_id=user_id,
            amount=amount,
            currency=currency,
            after_fee=after_fee,
            description=description,
            happened_at=happened_at,
            month=month,
            income_month=income_month,
            state=state,
            receipt=receipt,
        )

        entry_out.additional_properties = d
        return entry_out

    @property
    def additional_keys(self) -> list[str]:
        return list(self.additional_properties.keys())

    def __getitem__(self, key: str) -> Any:
        return self.additional_properties[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.additional_properties[key] = value

    def __delitem__(self, key: str) -> None:
        del self.additional_properties[key]

    def __contains__(self, key: str) -> bool:
        return key in self.additional_properties
