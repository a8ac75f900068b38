from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="PlanOut")


@_attrs_define
class PlanOut:
    """A plan on sale. Prices are roubles, `price` as text and `old_price` as a number; `daily_photo_limit` null means
    unlimited.

        Attributes:
            code (str):
            display_name (str):
            price (str):
            old_price (float | None):
            is_popular (bool):
            duration_days (int):
            features (list[str]):
            daily_photo_limit (int | None):
            history_days (int):
            ai_recognition (bool):
            advanced_stats (bool):
            priority_support (bool):
    """

    code: str
    display_name: str
    price: str
    old_price: float | None
    is_popular: bool
    duration_days: int
    features: list[str]
    daily_photo_limit: int | None
    history_days: int
    ai_recognition: bool
    advanced_stats: bool
    priority_support: bool
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        code = self.code

        display_name = self.display_name

        price = self.price

        old_price: float | None
        old_price = self.old_price

        is_popular = self.is_popular

        duration_days = self.duration_days

        features = self.features

        daily_photo_limit: int | None
        daily_photo_limit = self.daily_photo_limit

        history_days = self.history_days

        ai_recognition = self.ai_recognition

        advanced_stats = self.advanced_stats

        priority_support = self.priority_support

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
                "display_name": display_name,
                "price": price,
                "old_price": old_price,
                "is_popular": is_popular,
                "duration_days": duration_days,
                "features": features,
                "daily_photo_limit": daily_photo_limit,
                "history_days": history_days,
                "ai_recognition": ai_recognition,
                "advanced_stats": advanced_stats,
                "priority_support": priority_support,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        code = d.pop("code")

        display_name = d.pop("display_name")

        price = d.pop("price")

        def _parse_old_price(data: object) -> float | None:
            if data is None:
                return data
            return cast(float | None, data)

        old_price = _parse_old_price(d.pop("old_price"))

        is_popular = d.pop("is_popular")

        duration_days = d.pop("duration_days")

        features = cast(list[str], d.pop("features"))

        def _parse_daily_photo_limit(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        daily_photo_limit = _parse_daily_photo_limit(d.pop("daily_photo_limit"))

        history_days = d.pop("history_days")

        ai_recognition = d.pop("ai_recognition")

        advanced_stats = d.pop("advanced_stats")

        priority_support = d.pop("priority_support")

        plan_out = cls(
            code=code,
            display_name=display_name,
            price=price,
            old_price=old_price,
            is_popular=is_popular,
            duration_days=duration_days,
            features=features,
            daily_photo_limit=daily_photo_limit,
            history_days=history_days,
            ai_recognition=ai_recognition,
            advanced_stats=advanced_stats,
            priority_support=priority_support,
        )

        plan_out.additional_properties = d
        return plan_out

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
