from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="MonthOut")


@_attrs_define
class MonthOut:
    """
    Attributes:
        month (str):
        income (str):
        returned (str): Of what was sold in this month, whenever it went back.
        kept (str):
        after_fee (None | str): What YooKassa's fee left of `income`; null unless it said so of each.
        open_ (int):
    """

    month: str
    income: str
    returned: str
    kept: str
    after_fee: None | str
    open_: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        month = self.month

        income = self.income

        returned = self.returned

        kept = self.kept

        after_fee: None | str
        after_fee = self.after_fee

        open_ = self.open_

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "month": month,
                "income": income,
                "returned": returned,
                "kept": kept,
                "after_fee": after_fee,
                "open": open_,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        month = d.pop("month")

        income = d.pop("income")

        returned = d.pop("returned")

        kept = d.pop("kept")

        def _parse_after_fee(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        after_fee = _parse_after_fee(d.pop("after_fee"))

        open_ = d.pop("open")

        month_out = cls(
            month=month,
            income=income,
            returned=returned,
            kept=kept,
            after_fee=after_fee,
            open_=open_,
        )

        month_out.additional_properties = d
        return month_out

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
