from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.by_cause_out import ByCauseOut
    from ..models.subscribers_out_by_plan import SubscribersOutByPlan


T = TypeVar("T", bound="SubscribersOut")


@_attrs_define
class SubscribersOut:
    """Users at the instant `as_of`. `paid_total` are those who are PRO now, whatever gave them their days, and `free`
    the others; `monthly` and `yearly` are those of plans of a month and of a year. `grace` are those of `free` whose
    PRO is over and who may still be renewed.

        Attributes:
            free (int):
            monthly (int):
            yearly (int):
            paid_total (int):
            by_plan (SubscribersOutByPlan):
            by_cause (ByCauseOut): What gave them the days that are running now.
            grace (int):
            counted (str): Who is counted, and who is not.
            as_of (datetime.datetime): In UTC, ending in `Z`.
    """

    free: int
    monthly: int
    yearly: int
    paid_total: int
    by_plan: SubscribersOutByPlan
    by_cause: ByCauseOut
    grace: int
    counted: str
    as_of: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        free = self.free

        monthly = self.monthly

        yearly = self.yearly

        paid_total = self.paid_total

        by_plan = self.by_plan.to_dict()

        by_cause = self.by_cause.to_dict()

        grace = self.grace

        counted = self.counted

        as_of = self.as_of.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "free": free,
                "monthly": monthly,
                "yearly": yearly,
                "paid_total": paid_total,
                "by_plan": by_plan,
                "by_cause": by_cause,
                "grace": grace,
                "counted": counted,
                "as_of": as_of,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.by_cause_out import ByCauseOut  # noqa: PLC0415
        from ..models.subscribers_out_by_plan import SubscribersOutByPlan  # noqa: PLC0415

        d = dict(src_dict)
        free = d.pop("free")

        monthly = d.pop("monthly")

        yearly = d.pop("yearly")

        paid_total = d.pop("paid_total")

        by_plan = SubscribersOutByPlan.from_dict(d.pop("by_plan"))

        by_cause = ByCauseOut.from_dict(d.pop("by_cause"))

        grace = d.pop("grace")

        counted = d.pop("counted")

        as_of = datetime.datetime.fromisoformat(d.pop("as_of"))

        subscribers_out = cls(
            free=free,
            monthly=monthly,
            yearly=yearly,
            paid_total=paid_total,
            by_plan=by_plan,
            by_cause=by_cause,
            grace=grace,
            counted=counted,
            as_of=as_of,
        )

        subscribers_out.additional_properties = d
        return subscribers_out

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
