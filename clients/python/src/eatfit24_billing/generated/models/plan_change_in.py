from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.plan_change_in_daily_limits import PlanChangeInDailyLimits


T = TypeVar("T", bound="PlanChangeIn")


@_attrs_define
class PlanChangeIn:
    """What shall be another way; what is not named stays.

    Attributes:
        author (str):
        reason (str):
        display_name (str | Unset):
        description (str | Unset): What a receipt says was sold.
        price (str | Unset): Roubles, with two places at most; above 0.
        old_price (None | str | Unset): Shown struck through; above the price, or null.
        duration_days (int | Unset): Of 24 hours each.
        daily_photo_limit (int | None | Unset): Null means unlimited.
        daily_limits (PlanChangeInDailyLimits | Unset): Of everything besides photos, by feature: how many a day, null
            means unlimited. What is not named is no part of the plan. All of them at once: what was named before and is not
            now is gone.
        history_days (int | Unset): -1 means all of it.
        ai_recognition (bool | Unset):
        advanced_stats (bool | Unset):
        priority_support (bool | Unset):
        is_active (bool | Unset): False: no longer sold.
        vat_code (int | None | Unset): Of its receipts; null means the configured one. docs/receipts.md has the codes.
    """

    author: str
    reason: str
    display_name: str | Unset = UNSET
    description: str | Unset = UNSET
    price: str | Unset = UNSET
    old_price: None | str | Unset = UNSET
    duration_days: int | Unset = UNSET
    daily_photo_limit: int | None | Unset = UNSET
    daily_limits: PlanChangeInDailyLimits | Unset = UNSET
    history_days: int | Unset = UNSET
    ai_recognition: bool | Unset = UNSET
    advanced_stats: bool | Unset = UNSET
    priority_support: bool | Unset = UNSET
    is_active: bool | Unset = UNSET
    vat_code: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        author = self.author

        reason = self.reason

        display_name = self.display_name

        description = self.description

        price = self.price

        old_price: None | str | Unset
        if isinstance(self.old_price, Unset):
            old_price = UNSET
        else:
            old_price = self.old_price

        duration_days = self.duration_days

        daily_photo_limit: int | None | Unset
        if isinstance(self.daily_photo_limit, Unset):
            daily_photo_limit = UNSET
        else:
            daily_photo_limit = self.daily_photo_limit

        daily_limits: dict[str, Any] | Unset = UNSET
        if not isinstance(self.daily_limits, Unset):
            daily_limits = self.daily_limits.to_dict()

        history_days = self.history_days

        ai_recognition = self.ai_recognition

        advanced_stats = self.advanced_stats

        priority_support = self.priority_support

        is_active = self.is_active

        vat_code: int | None | Unset
        if isinstance(self.vat_code, Unset):
            vat_code = UNSET
        else:
            vat_code = self.vat_code

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "author": author,
                "reason": reason,
            }
        )
        if display_name is not UNSET:
            field_dict["display_name"] = display_name
        if description is not UNSET:
            field_dict["description"] = description
        if price is not UNSET:
            field_dict["price"] = price
        if old_price is not UNSET:
            field_dict["old_price"] = old_price
        if duration_days is not UNSET:
            field_dict["duration_days"] = duration_days
        if daily_photo_limit is not UNSET:
            field_dict["daily_photo_limit"] = daily_photo_limit
        if daily_limits is not UNSET:
            field_dict["daily_limits"] = daily_limits
        if history_days is not UNSET:
            field_dict["history_days"] = history_days
        if ai_recognition is not UNSET:
            field_dict["ai_recognition"] = ai_recognition
        if advanced_stats is not UNSET:
            field_dict["advanced_stats"] = advanced_stats
        if priority_support is not UNSET:
            field_dict["priority_support"] = priority_support
        if is_active is not UNSET:
            field_dict["is_active"] = is_active
        if vat_code is not UNSET:
            field_dict["vat_code"] = vat_code

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.plan_change_in_daily_limits import PlanChangeInDailyLimits  # noqa: PLC0415

        d = dict(src_dict)
        author = d.pop("author")

        reason = d.pop("reason")

        display_name = d.pop("display_name", UNSET)

        description = d.pop("description", UNSET)

        price = d.pop("price", UNSET)

        def _parse_old_price(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        old_price = _parse_old_price(d.pop("old_price", UNSET))

        duration_days = d.pop("duration_days", UNSET)

        def _parse_daily_photo_limit(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        daily_photo_limit = _parse_daily_photo_limit(d.pop("daily_photo_limit", UNSET))

        _daily_limits = d.pop("daily_limits", UNSET)
        daily_limits: PlanChangeInDailyLimits | Unset
        if isinstance(_daily_limits, Unset):
            daily_limits = UNSET
        else:
            daily_limits = PlanChangeInDailyLimits.from_dict(_daily_limits)

        history_days = d.pop("history_days", UNSET)

        ai_recognition = d.pop("ai_recognition", UNSET)

        advanced_stats = d.pop("advanced_stats", UNSET)

        priority_support = d.pop("priority_support", UNSET)

        is_active = d.pop("is_active", UNSET)

        def _parse_vat_code(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        vat_code = _parse_vat_code(d.pop("vat_code", UNSET))

        plan_change_in = cls(
            author=author,
            reason=reason,
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
        )

        return plan_change_in
