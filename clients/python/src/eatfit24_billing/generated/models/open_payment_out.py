from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="OpenPaymentOut")


@_attrs_define
class OpenPaymentOut:
    """The newest checkout that may still be paid.

    Attributes:
        payment_id (UUID):
        plan (str):
        amount (str): Two places, with a point.
        currency (str):
        is_recurring (bool):
        created_at (datetime.datetime): In UTC, ending in `Z`.
        confirmation_url (None | str):
    """

    payment_id: UUID
    plan: str
    amount: str
    currency: str
    is_recurring: bool
    created_at: datetime.datetime
    confirmation_url: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        payment_id = str(self.payment_id)

        plan = self.plan

        amount = self.amount

        currency = self.currency

        is_recurring = self.is_recurring

        created_at = self.created_at.isoformat()

        confirmation_url: None | str
        confirmation_url = self.confirmation_url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "payment_id": payment_id,
                "plan": plan,
                "amount": amount,
                "currency": currency,
                "is_recurring": is_recurring,
                "created_at": created_at,
                "confirmation_url": confirmation_url,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        payment_id = UUID(d.pop("payment_id"))

        plan = d.pop("plan")

        amount = d.pop("amount")

        currency = d.pop("currency")

        is_recurring = d.pop("is_recurring")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_confirmation_url(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        confirmation_url = _parse_confirmation_url(d.pop("confirmation_url"))

        open_payment_out = cls(
            payment_id=payment_id,
            plan=plan,
            amount=amount,
            currency=currency,
            is_recurring=is_recurring,
            created_at=created_at,
            confirmation_url=confirmation_url,
        )

        open_payment_out.additional_properties = d
        return open_payment_out

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
