from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.payment_out_status import PaymentOutStatus, check_payment_out_status

T = TypeVar("T", bound="PaymentOut")


@_attrs_define
class PaymentOut:
    """A payment in the user's history. `amount` and `refunded_amount` are in roubles; `refunded`: all is back.

    Attributes:
        id (UUID):
        amount (float):
        currency (str):
        status (PaymentOutStatus):
        paid_at (datetime.datetime | None):
        created_at (datetime.datetime): In UTC, ending in `Z`.
        description (str):
        refunded_amount (float): What went back of it so far.
    """

    id: UUID
    amount: float
    currency: str
    status: PaymentOutStatus
    paid_at: datetime.datetime | None
    created_at: datetime.datetime
    description: str
    refunded_amount: float
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        amount = self.amount

        currency = self.currency

        status: str = self.status

        paid_at: None | str
        if isinstance(self.paid_at, datetime.datetime):
            paid_at = self.paid_at.isoformat()
        else:
            paid_at = self.paid_at

        created_at = self.created_at.isoformat()

        description = self.description

        refunded_amount = self.refunded_amount

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "amount": amount,
                "currency": currency,
                "status": status,
                "paid_at": paid_at,
                "created_at": created_at,
                "description": description,
                "refunded_amount": refunded_amount,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        id = UUID(d.pop("id"))

        amount = d.pop("amount")

        currency = d.pop("currency")

        status = check_payment_out_status(d.pop("status"))

        def _parse_paid_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                paid_at_type_0 = datetime.datetime.fromisoformat(data)

                return paid_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        paid_at = _parse_paid_at(d.pop("paid_at"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        description = d.pop("description")

        refunded_amount = d.pop("refunded_amount")

        payment_out = cls(
            id=id,
            amount=amount,
            currency=currency,
            status=status,
            paid_at=paid_at,
            created_at=created_at,
            description=description,
            refunded_amount=refunded_amount,
        )

        payment_out.additional_properties = d
        return payment_out

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
