from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.features_out_daily_limits import FeaturesOutDailyLimits


T = TypeVar("T", bound="FeaturesOut")


@_attrs_define
class FeaturesOut:
    """What the plan in force allows: -1 days of history are all of it, a limit of null is none. `daily_limits` are
    those of other features than photos; what is not named there is no part of the plan.

        Attributes:
            history_days (int):
            daily_photo_limit (int | None):
            daily_limits (FeaturesOutDailyLimits):
            ai_recognition (bool):
            advanced_stats (bool):
            priority_support (bool):
    """

    history_days: int
    daily_photo_limit: int | None
    daily_limits: FeaturesOutDailyLimits
    ai_recognition: bool
    advanced_stats: bool
    priority_support: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        history_days = self.history_days

        daily_photo_limit: int | None
        daily_photo_limit = self.daily_photo_limit

        daily_limits = self.daily_limits.to_dict()

        ai_recognition = self.ai_recognition

        advanced_stats = self.advanced_stats

        priority_support = self.priority_support

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "history_days": history_days,
                "daily_photo_limit": daily_photo_limit,
                "daily_limits": daily_limits,
                "ai_recognition": ai_recognition,
                "advanced_stats": advanced_stats,
                "priority_support": priority_support,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.features_out_daily_limits import FeaturesOutDailyLimits  # noqa: PLC0415

        d = dict(src_dict)
        history_days = d.pop("history_days")

        def _parse_daily_photo_limit(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        daily_photo_limit = _parse_daily_photo_limit(d.pop("daily_photo_limit"))

        daily_limits = FeaturesOutDailyLimits.from_dict(d.pop("daily_limits"))

        ai_recognition = d.pop("ai_recognition")

        advanced_stats = d.pop("advanced_stats")

        priority_support = d.pop("priority_support")

        features_out = cls(
            history_days=history_days,
            daily_photo_limit=daily_photo_limit,
            daily_limits=daily_limits,
            ai_recognition=ai_recognition,
            advanced_stats=advanced_stats,
            priority_support=priority_support,
        )

        features_out.additional_properties = d
        return features_out

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
