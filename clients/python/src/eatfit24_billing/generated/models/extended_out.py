from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ExtendedOut")


@_attrs_define
class ExtendedOut:
    """Today's figures, and until when the operation holds its place.

    Attributes:
        allowed (bool):
        feature (str):
        plan_code (str):
        daily_limit (int | None):
        used_today (int):
        held (int):
        remaining_today (int | None):
        resets_at (datetime.datetime): In UTC, ending in `Z`.
        held_until (datetime.datetime): In UTC, ending in `Z`.
    """

    allowed: bool
    feature: str
    plan_code: str
    daily_limit: int | None
    used_today: int
    held: int
    remaining_today: int | None
    resets_at: datetime.datetime
    held_until: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        allowed = self.allowed

        feature = self.feature

        plan_code = self.plan_code

        daily_limit: int | None
        daily_limit = self.daily_limit

        used_today = self.used_today

        held = self.held

        remaining_today: int | None
        remaining_today = self.remaining_today

        resets_at = self.resets_at.isoformat()

        held_until = self.held_until.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "allowed": allowed,
                "feature": feature,
                "plan_code": plan_code,
                "daily_limit": daily_limit,
                "used_today": used_today,
                "held": held,
                "remaining_today": remaining_today,
                "resets_at": resets_at,
                "held_until": held_until,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        allowed = d.pop("allowed")

        feature = d.pop("feature")

        plan_code = d.pop("plan_code")

        def _parse_daily_limit(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        daily_limit = _parse_daily_limit(d.pop("daily_limit"))

        used_today = d.pop("used_today")

        held = d.pop("held")

        def _parse_remaining_today(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        remaining_today = _parse_remaining_today(d.pop("remaining_today"))

        resets_at = datetime.datetime.fromisoformat(d.pop("resets_at"))

        held_until = datetime.datetime.fromisoformat(d.pop("held_until"))

        extended_out = cls(
            allowed=allowed,
            feature=feature,
            plan_code=plan_code,
            daily_limit=daily_limit,
            used_today=used_today,
            held=held,
            remaining_today=remaining_today,
            resets_at=resets_at,
            held_until=held_until,
        )

        extended_out.additional_properties = d
        return extended_out

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
