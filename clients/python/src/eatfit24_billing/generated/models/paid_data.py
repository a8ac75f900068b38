from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.paid_data_purpose import PaidDataPurpose, check_paid_data_purpose

T = TypeVar("T", bound="PaidData")


@_attrs_define
class PaidData:
    """
    Attributes:
        payment_id (UUID):
        purpose (PaidDataPurpose):
        plan (None | str):
        days (int | None):
        amount (str): Two places, with a point.
        currency (str):
        is_recurring (bool):
        is_test (bool):
        paid_at (datetime.datetime): In UTC, ending in `Z`.
    """

    payment_id: UUID
    purpose: PaidDataPurpose
    plan: None | str
    days: int | None
    amount: str
    currency: str
    is_recurring: bool
    is_test: bool
    paid_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        payment_id = str(self.payment_id)

        purpose: str = self.purpose

        plan: None | str
        plan = self.plan

        days: int | None
        days = self.days

        amount = self.amount

        currency = self.currency

        is_recurring = self.is_recurring

        is_test = self.is_test

        paid_at = self.paid_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "payment_id": payment_id,
                "purpose": purpose,
                "plan": plan,
                "days": days,
                "amount": amount,
                "currency": currency,
                "is_recurring": is_recurring,
                "is_test": is_test,
                "paid_at": paid_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        payment_id = UUID(d.pop("payment_id"))

        purpose = check_paid_data_purpose(d.pop("purpose"))

        def _parse_plan(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        plan = _parse_plan(d.pop("plan"))

        def _parse_days(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        days = _parse_days(d.pop("days"))

        amount = d.pop("amount")

        currency = d.pop("currency")

        is_recurring = d.pop("is_recurring")

        is_test = d.pop("is_test")

        paid_at = datetime.datetime.fromisoformat(d.pop("paid_at"))

        paid_data = cls(
            payment_id=payment_id,
            purpose=purpose,
            plan=plan,
            days=days,
            amount=amount,
            currency=currency,
            is_recurring=is_recurring,
            is_test=is_test,
            paid_at=paid_at,
        )

        paid_data.additional_properties = d
        return paid_data

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
