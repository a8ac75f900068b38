from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.plan_revenue_out import PlanRevenueOut


T = TypeVar("T", bound="RevenueOut")


@_attrs_define
class RevenueOut:
    """`total` is `gross` less `refunded`, of the days from `from` (null: ever) to `to`, both included, in `timezone`.
    `mtd` is this month so far, `last_30d` the last thirty days, today included; refunds are taken off on the day they
    were made.

        Attributes:
            from_ (datetime.date | None):
            to (datetime.date):
            total (str): Roubles with two places; below zero where more went back than came in.
            gross (str): Roubles with two places; below zero where more went back than came in.
            refunded (str): Roubles with two places; below zero where more went back than came in.
            mtd (str): Roubles with two places; below zero where more went back than came in.
            last_30d (str): Roubles with two places; below zero where more went back than came in.
            currency (str):
            by_plan (list[PlanRevenueOut]):
            is_test (bool):
            timezone (str):
            as_of (datetime.datetime): In UTC, ending in `Z`.
    """

    from_: datetime.date | None
    to: datetime.date
    total: str
    gross: str
    refunded: str
    mtd: str
    last_30d: str
    currency: str
    by_plan: list[PlanRevenueOut]
    is_test: bool
    timezone: str
    as_of: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from_: None | str
        if isinstance(self.from_, datetime.date):
            from_ = self.from_.isoformat()
        else:
            from_ = self.from_

        to = self.to.isoformat()

        total = self.total

        gross = self.gross

        refunded = self.refunded

        mtd = self.mtd

        last_30d = self.last_30d

        currency = self.currency

        by_plan = []
        for by_plan_item_data in self.by_plan:
            by_plan_item = by_plan_item_data.to_dict()
            by_plan.append(by_plan_item)

        is_test = self.is_test

        timezone = self.timezone

        as_of = self.as_of.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "from": from_,
                "to": to,
                "total": total,
                "gross": gross,
                "refunded": refunded,
                "mtd": mtd,
                "last_30d": last_30d,
                "currency": currency,
                "by_plan": by_plan,
                "is_test": is_test,
                "timezone": timezone,
                "as_of": as_of,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.plan_revenue_out import PlanRevenueOut  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_from_(data: object) -> datetime.date | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                from_type_0 = datetime.date.fromisoformat(data)

                return from_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None, data)

        from_ = _parse_from_(d.pop("from"))

        to = datetime.date.fromisoformat(d.pop("to"))

        total = d.pop("total")

        gross = d.pop("gross")

        refunded = d.pop("refunded")

        mtd = d.pop("mtd")

        last_30d = d.pop("last_30d")

        currency = d.pop("currency")

        by_plan = []
        _by_plan = d.pop("by_plan")
        for by_plan_item_data in _by_plan:
            by_plan_item = PlanRevenueOut.from_dict(by_plan_item_data)

            by_plan.append(by_plan_item)

        is_test = d.pop("is_test")

        timezone = d.pop("timezone")

        as_of = datetime.datetime.fromisoformat(d.pop("as_of"))

        revenue_out = cls(
            from_=from_,
            to=to,
            total=total,
            gross=gross,
            refunded=refunded,
            mtd=mtd,
            last_30d=last_30d,
            currency=currency,
            by_plan=by_plan,
            is_test=is_test,
            timezone=timezone,
            as_of=as_of,
        )

        revenue_out.additional_properties = d
        return revenue_out

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
