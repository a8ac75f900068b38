from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.subscriber_out_cause_type_0 import SubscriberOutCauseType0, check_subscriber_out_cause_type_0

if TYPE_CHECKING:
    from ..models.subscriber_out_daily_limits import SubscriberOutDailyLimits


T = TypeVar("T", bound="SubscriberOut")


@_attrs_define
class SubscriberOut:
    """`plan` is in force at `as_of`, and what it allows stands beside it: -1 days of history are all of it, a limit of
    null is none, `daily_limits` are those of other features than photos. Whose access has ended is on FREE;
    `access_until` is then when it ended, and `cause` is null.

        Attributes:
            user_id (int):
            has_access (bool):
            plan (str):
            access_until (datetime.datetime): In UTC, ending in `Z`.
            cause (None | SubscriberOutCauseType0):
            history_days (int):
            daily_photo_limit (int | None):
            daily_limits (SubscriberOutDailyLimits):
            ai_recognition (bool):
            advanced_stats (bool):
            priority_support (bool):
            as_of (datetime.datetime): In UTC, ending in `Z`.
    """

    user_id: int
    has_access: bool
    plan: str
    access_until: datetime.datetime
    cause: None | SubscriberOutCauseType0
    history_days: int
    daily_photo_limit: int | None
    daily_limits: SubscriberOutDailyLimits
    ai_recognition: bool
    advanced_stats: bool
    priority_support: bool
    as_of: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        user_id = self.user_id

        has_access = self.has_access

        plan = self.plan

        access_until = self.access_until.isoformat()

        cause: None | str
        if isinstance(self.cause, str):
            cause = self.cause
        else:
            cause = self.cause

        history_days = self.history_days

        daily_photo_limit: int | None
        daily_photo_limit = self.daily_photo_limit

        daily_limits = self.daily_limits.to_dict()

        ai_recognition = self.ai_recognition

        advanced_stats = self.advanced_stats

        priority_support = self.priority_support

        as_of = self.as_of.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "user_id": user_id,
                "has_access": has_access,
                "plan": plan,
                "access_until": access_until,
                "cause": cause,
                "history_days": history_days,
                "daily_photo_limit": daily_photo_limit,
                "daily_limits": daily_limits,
                "ai_recognition": ai_recognition,
                "advanced_stats": advanced_stats,
                "priority_support": priority_support,
                "as_of": as_of,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.subscriber_out_daily_limits import SubscriberOutDailyLimits  # noqa: PLC0415

        d = dict(src_dict)
        user_id = d.pop("user_id")

        has_access = d.pop("has_access")

        plan = d.pop("plan")

        access_until = datetime.datetime.fromisoformat(d.pop("access_until"))

        def _parse_cause(data: object) -> None | SubscriberOutCauseType0:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                cause_type_0 = check_subscriber_out_cause_type_0(data)

                return cause_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | SubscriberOutCauseType0, data)

        cause = _parse_cause(d.pop("cause"))

        history_days = d.pop("history_days")

        def _parse_daily_photo_limit(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        daily_photo_limit = _parse_daily_photo_limit(d.pop("daily_photo_limit"))

        daily_limits = SubscriberOutDailyLimits.from_dict(d.pop("daily_limits"))

        ai_recognition = d.pop("ai_recognition")

        advanced_stats = d.pop("advanced_stats")

        priority_support = d.pop("priority_support")

        as_of = datetime.datetime.fromisoformat(d.pop("as_of"))

        subscriber_out = cls(
            user_id=user_id,
            has_access=has_access,
            plan=plan,
            access_until=access_until,
            cause=cause,
            history_days=history_days,
            daily_photo_limit=daily_photo_limit,
            daily_limits=daily_limits,
            ai_recognition=ai_recognition,
            advanced_stats=advanced_stats,
            priority_support=priority_support,
            as_of=as_of,
        )

        subscriber_out.additional_properties = d
        return subscriber_out

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
