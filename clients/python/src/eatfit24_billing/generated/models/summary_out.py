from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.month_out import MonthOut


T = TypeVar("T", bound="SummaryOut")


@_attrs_define
class SummaryOut:
    """In roubles. `kept` is what counts against the yearly `limit`; near it from 80 percent on.

    Attributes:
        income (str):
        returned (str):
        kept (str):
        limit (str):
        is_near_limit (bool):
        months (list[MonthOut]):
    """

    income: str
    returned: str
    kept: str
    limit: str
    is_near_limit: bool
    months: list[MonthOut]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        income = self.income

        returned = self.returned

        kept = self.kept

        limit = self.limit

        is_near_limit = self.is_near_limit

        months = []
        for months_item_data in self.months:
            months_item = months_item_data.to_dict()
            months.append(months_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "income": income,
                "returned": returned,
                "kept": kept,
                "limit": limit,
                "is_near_limit": is_near_limit,
                "months": months,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.month_out import MonthOut  # noqa: PLC0415

        d = dict(src_dict)
        income = d.pop("income")

        returned = d.pop("returned")

        kept = d.pop("kept")

        limit = d.pop("limit")

        is_near_limit = d.pop("is_near_limit")

        months = []
        _months = d.pop("months")
        for months_item_data in _months:
            months_item = MonthOut.from_dict(months_item_data)

            months.append(months_item)

        summary_out = cls(
            income=income,
            returned=returned,
            kept=kept,
            limit=limit,
            is_near_limit=is_near_limit,
            months=months,
        )

        summary_out.additional_properties = d
        return summary_out

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
