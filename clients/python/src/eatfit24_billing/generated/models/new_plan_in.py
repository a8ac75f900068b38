from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.new_plan_in_daily_limits import NewPlanInDailyLimits


T = TypeVar("T", bound="NewPlanIn")


@_attrs_define
class NewPlanIn:
    """A plan that was not there yet; its code and, once it is sold, its length are for good.

    Attributes:
        code (str):
        display_name (str):
        description (str): What a receipt says was sold.
        price (str): Roubles, with two places at most; above 0.
        duration_days (int): Of 24 hours each.
        history_days (int): -1 means all of it.
        ai_recognition (bool):
        advanced_stats (bool):
        priority_support (bool):
        author (str):
        reason (str):
        old_price (None | str | Unset): Shown struck through; above the price, or null.
        daily_photo_limit (int | None | Unset): Null means unlimited.
        daily_limits (NewPlanInDailyLimits | Unset): Of everything besides photos, by feature: how many a day, null
            means unlimited. What is not named is no part of the plan. All of them at once: what was named before and is not
            now is gone.
        is_active (bool | Unset):  Default: True.
        vat_code (int | None | Unset): Of its receipts; null means the configured one. docs/receipts.md has the codes.
    """

    code: str
    display_name: str
    description: str
    price: str
    duration_days: int
    history_days: int
    ai_recognition: bool
    advanced_stats: bool
    priority_support: bool
    author: str
    reason: str
    old_price: None | str | Unset = UNSET
    daily_photo_limit: int | None | Unset = UNSET
    daily_limits: NewPlanInDailyLimits | Unset = UNSET
    is_active: bool | Unset = True
    vat_code: int | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        code = self.code

        display_name = self.display_name

        description = self.description

        price = self.price

        duration_days = self.duration_days

        history_days = self.history_days

        ai_recognition = self.ai_recognition

        advanced_stats = self.advanced_stats

        priority_support = self.priority_support

        author = self.author

        reason = self.reason

        old_price: None | str | Unset
        if isinstance(self.old_price, Unset):
            old_price = UNSET
        else:
            old_price = self.old_price

        daily_photo_limit: int | None | Unset
        if isinstance(self.daily_photo_limit, Unset):
            daily_photo_limit = UNSET
        else:
            daily_photo_limit = self.daily_photo_limit

        daily_limits: dict[str, Any] | Unset = UNSET
        if not isinstance(self.daily_limits, Unset):
            daily_limits = self.daily_limits.to_dict()

        is_active = self.is_active

        vat_code: int | None | Unset
        if isinstance(self.vat_code, Unset):
            vat_code = UNSET
        else:
            vat_code = self.vat_code

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "code": code,
                "display_name": display_name,
                "description": description,
                "price": price,
                "duration_days": duration_days,
                "history_days": history_days,
                "ai_recognition": ai_recognition,
                "advanced_stats": advanced_stats,
                "priority_support": priority_support,
                "author": author,
                "reason": reason,
            }
        )
        if old_price is not UNSET:
            field_dict["old_price"] = old_price
        if daily_photo_limit is not UNSET:
            field_dict["daily_photo_limit"] = daily_photo_limit
        if daily_limits is not UNSET:
            field_dict["daily_limits"] = daily_limits
        if is_active is not UNSET:
            field_dict["is_active"] = is_active
        if vat_code is not UNSET:
            field_dict["vat_code"] = vat_code

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.new_plan_in_daily_limits import NewPlanInDailyLimits  # noqa: PLC0415

        d = dict(src_dict)
        code = d.pop("code")

        display_name = d.pop("display_name")

        description = d.pop("description")

        price = d.pop("price")

        duration_days = d.pop("duration_days")

        history_days = d.pop("history_days")

        ai_recognition = d.pop("ai_recognition")

        advanced_stats = d.pop("advanced_stats")

        priority_support = d.pop("priority_support")

        author = d.pop("author")

        reason = d.pop("reason")

        def _parse_old_price(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        old_price = _parse_old_price(d.pop("old_price", UNSET))

        def _parse_daily_photo_limit(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        daily_photo_limit = _parse_daily_photo_limit(d.pop("daily_photo_limit", UNSET))

        _daily_limits = d.pop("daily_limits", UNSET)
        daily_limits: NewPlanInDailyLimits | Unset
        if isinstance(_daily_limits, Unset):
            daily_limits = UNSET
        else:
            daily_limits = NewPlanInDailyLimits.from_dict(_daily_limits)

        is_active = d.pop("is_active", UNSET)

        def _parse_vat_code(data: object) -> int | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(int | None | Unset, data)

        vat_code = _parse_vat_code(d.pop("vat_code", UNSET))

        new_plan_in = cls(
            code=code,
            display_name=display_name,
            description=description,
            price=price,
            duration_days=duration_days,
            history_days=history_days,
            ai_recognition=ai_recognition,
            advanced_stats=advanced_stats,
            priority_support=priority_support,
            author=author,
            reason=reason,
            old_price=old_price,
            daily_photo_limit=daily_photo_limit,
            daily_limits=daily_limits,
            is_active=is_active,
            vat_code=vat_code,
        )

        return new_plan_in
