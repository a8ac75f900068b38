from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="MeOut")


@_attrs_define
class MeOut:
    """The plan in force and what is left of today; null limits mean unlimited.

    Attributes:
        plan_code (str):
        plan_name (str):
        expires_at (datetime.datetime | None):
        is_active (bool):
        daily_photo_limit (int | None):
        used_today (int):
        remaining_today (int | None):
        test_live_payment_available (bool):
        resets_at (datetime.datetime): In UTC, ending in `Z`.
    """

    plan_code: str
    plan_name: str
    expires_at: datetime.datetime | None
    is_active: bool
    daily_photo_limit: int | None
    used_today: int
    remaining_today: int | None
    test_live_payment_available: bool
    resets_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        plan_code = self.plan_code

        plan_name = self.plan_name

        expires_at: None | str
        if isinstance(self.expires_at, datetime.datetime):
            expires_at = self.expires_at.isoformat()
        else:
            expires_at = self.expires_at

        is_active = self.is_active

        daily_photo_limit: int | None
        daily_photo_limit = self.daily_photo_limit

        used_today = self.used_today

        remaining_today: int | None
        remaining_today = self.remaining_today

        test_live_payment_available = self.test_live_payment_available

        resets_at = self.resets_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "plan_code": plan_code,
                "plan_name": plan_name,
                "expires_at": expires_at,
                "is_active": is_active,
                "daily_photo_limit": daily_photo_limit,
                "used_today": used_today,
                "remaining_today": remaining_today,
                "test_live_payment_available": test_live_payment_available,
                "resets_at": resets_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        plan_code = d.pop("plan_code")

        plan_name = d.pop("plan_name")

        def _parse_expires_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                expires_at_type_0 = datetime.datetime.fromisoformat(data)

                return expires_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        expires_at = _parse_expires_at(d.pop("expires_at"))

        is_active = d.pop("is_active")

        def _parse_daily_photo_limit(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        daily_photo_limit = _parse_daily_photo_limit(d.pop("daily_photo_limit"))

        used_today = d.pop("used_today")

        def _parse_remaining_today(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        remaining_today = _parse_remaining_today(d.pop("remaining_today"))

        test_live_payment_available = d.pop("test_live_payment_available")

        resets_at = datetime.datetime.fromisoformat(d.pop("resets_at"))

        me_out = cls(
            plan_code=plan_code,
            plan_name=plan_name,
            expires_at=expires_at,
            is_active=is_active,
            daily_photo_limit=daily_photo_limit,
            used_today=used_today,
            remaining_today=remaining_today,
            test_live_payment_available=test_live_payment_available,
            resets_at=resets_at,
        )

        me_out.additional_properties = d
        return me_out

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
