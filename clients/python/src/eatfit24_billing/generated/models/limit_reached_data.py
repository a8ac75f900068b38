from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

T = TypeVar("T", bound="LimitReachedData")


@_attrs_define
class LimitReachedData:
    """The last photo of this day was taken, or the last of another `feature`; where none is named, of photos.

    Attributes:
        plan (str):
        daily_limit (int):
        date (datetime.date):
        resets_at (datetime.datetime): In UTC, ending in `Z`.
        feature (str | Unset):  Default: 'photo_ai'.
    """

    plan: str
    daily_limit: int
    date: datetime.date
    resets_at: datetime.datetime
    feature: str | Unset = "photo_ai"
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        plan = self.plan

        daily_limit = self.daily_limit

        date = self.date.isoformat()

        resets_at = self.resets_at.isoformat()

        feature = self.feature

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "plan": plan,
                "daily_limit": daily_limit,
                "date": date,
                "resets_at": resets_at,
            }
        )
        if feature is not UNSET:
            field_dict["feature"] = feature

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        plan = d.pop("plan")

        daily_limit = d.pop("daily_limit")

        date = datetime.date.fromisoformat(d.pop("date"))

        resets_at = datetime.datetime.fromisoformat(d.pop("resets_at"))

        feature = d.pop("feature", UNSET)

        limit_reached_data = cls(
            plan=plan,
            daily_limit=daily_limit,
            date=date,
            resets_at=resets_at,
            feature=feature,
        )

        limit_reached_data.additional_properties = d
        return limit_reached_data

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
