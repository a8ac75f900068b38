from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="RenewalChargeOut")


@_attrs_define
class RenewalChargeOut:
    """What will be charged, not before `charge_at`, as things stand now.

    Attributes:
        charge_at (datetime.datetime): In UTC, ending in `Z`.
        plan_code (str):
        amount (str):
        currency (str):
    """

    charge_at: datetime.datetime
    plan_code: str
    amount: str
    currency: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        charge_at = self.charge_at.isoformat()

        plan_code = self.plan_code

        amount = self.amount

        currency = self.currency

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "charge_at": charge_at,
                "plan_code": plan_code,
                "amount": amount,
                "currency": currency,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        charge_at = datetime.datetime.fromisoformat(d.pop("charge_at"))

        plan_code = d.pop("plan_code")

        amount = d.pop("amount")

        currency = d.pop("currency")

        renewal_charge_out = cls(
            charge_at=charge_at,
            plan_code=plan_code,
            amount=amount,
            currency=currency,
        )

        renewal_charge_out.additional_properties = d
        return renewal_charge_out

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
