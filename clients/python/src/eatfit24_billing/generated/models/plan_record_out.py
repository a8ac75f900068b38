from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.plan_record_out_daily_limits import PlanRecordOutDailyLimits


T = TypeVar("T", bound="PlanRecordOut")


@_attrs_define
class PlanRecordOut:
    """A plan with all that is said of it; on sale if it `is_active` and no test.

    Attributes:
        code (str):
        display_name (str):
        description (str):
        price (str):
        old_price (None | str):
        duration_days (int):
        daily_photo_limit (int | None):
        daily_limits (PlanRecordOutDailyLimits):
        history_days (int):
        ai_recognition (bool):
        advanced_stats (bool):
        priority_support (bool):
        is_active (bool):
        vat_code (int | None):
        is_test (bool):
        created_at (datetime.datetime): In UTC, ending in `Z`.
        updated_at (datetime.datetime): In UTC, ending in `Z`.
    """

    code: str
    display_name: str
    description: str
    price: str
    old_price: None | str
    duration_days: int
    daily_photo_limit: int | None
    daily_limits: PlanRecordOutDailyLimits
    history_days: int
    ai_recognition: bool
    advanced_stats: bool
    priority_support: bool
    is_active: bool
    vat_code: int | None
    is_test: bool
    created_at: datetime.datetime
    updated_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        code = self.code

        display_name = self.display_name

        description = self.description

        price = self.price

        old_price: None | str
        old_price = self.old_price

        duration_days = self.duration_days

        daily_photo_limit: int | None
        daily_photo_limit = self.daily_photo_limit

        daily_limits = self.daily_limits.to_dict()

        history_days = self.history_days

        ai_recognition = self.ai_recognition

        advanced_stats = self.advanced_stats

        priority_support = self.priority_support

        is_active = self.is_active

        vat_code: int | None
        vat_code = self.vat_code

        is_test = self.is_test

        created_at = self.created_at.isoformat()

        updated_at = self.updated_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "code": code,
                "display_name": display_name,
                "description": description,
                "price": price,
                "old_price": old_price,
                "duration_days": duration_days,
                "daily_photo_limit": daily_photo_limit,
                "daily_limits": daily_limits,
                "history_days": history_days,
                "ai_recognition": ai_recognition,
                "advanced_stats": advanced_stats,
                "priority_support": priority_support,
                "is_active": is_active,
                "vat_code": vat_code,
                "is_test": is_test,
                "created_at": created_at,
                "updated_at": updated_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.plan_record_out_daily_limits import PlanRecordOutDailyLimits  # noqa: PLC0415

        d = dict(src_dict)
        code = d.pop("code")

        display_name = d.pop("display_name")

        description = d.pop("description")

        price = d.pop("price")

        def _parse_old_price(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        old_price = _parse_old_price(d.pop("old_price"))

        duration_days = d.pop("duration_days")

        def _parse_daily_photo_limit(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        daily_photo_limit = _parse_daily_photo_limit(d.pop("daily_photo_limit"))

        daily_limits = PlanRecordOutDailyLimits.from_dict(d.pop("daily_limits"))

        history_days = d.pop("history_days")

        ai_recognition = d.pop("ai_recognition")

        advanced_stats = d.pop("advanced_stats")

        priority_support = d.pop("priority_support")

        is_active = d.pop("is_active")

        def _parse_vat_code(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        vat_code = _parse_vat_code(d.pop("vat_code"))

        is_test = d.pop("is_test")

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        updated_at = datetime.datetime.fromisoformat(d.pop("updated_at"))

        plan_record_out = cls(
            code=code,
            display_name=display_name,
            description=description,
            price=price,
            old_price=old_price,
            duration_days=duration_days,
            daily_photo_limit=daily_photo_limit,
            daily_limits=daily_limits,
            history_days=history_days,
            ai_recognition=ai_recognition,
            advanced_stats=advanced_stats,
            priority_support=priority_support,
            is_active=is_active,
            vat_code=vat_code,
            is_test=is_test,
            created_at=created_at,
            updated_at=updated_at,
        )

        plan_record_out.additional_properties = d
        return plan_record_out

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
