from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="UsageTodayOut")


@_attrs_define
class UsageTodayOut:
    """As `users/{user_id}/usage/` says.

    Attributes:
        used_today (int):
        held (int):
        remaining_today (int | None):
        resets_at (datetime.datetime): In UTC, ending in `Z`.
    """

    used_today: int
    held: int
    remaining_today: int | None
    resets_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        used_today = self.used_today

        held = self.held

        remaining_today: int | None
        remaining_today = self.remaining_today

        resets_at = self.resets_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "used_today": used_today,
                "held": held,
                "remaining_today": remaining_today,
                "resets_at": resets_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        used_today = d.pop("used_today")

        held = d.pop("held")

        def _parse_remaining_today(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        remaining_today = _parse_remaining_today(d.pop("remaining_today"))

        resets_at = datetime.datetime.fromisoformat(d.pop("resets_at"))

        usage_today_out = cls(
            used_today=used_today,
            held=held,
            remaining_today=remaining_today,
            resets_at=resets_at,
        )

        usage_today_out.additional_properties = d
        return usage_today_out

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
