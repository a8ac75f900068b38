from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.metric import Metric, check_metric
from ..models.step import Step, check_step

if TYPE_CHECKING:
    from ..models.point_out import PointOut


T = TypeVar("T", bound="SeriesOut")


@_attrs_define
class SeriesOut:
    """A point for every step of the days from `from` to `to`, both included, in `timezone`; the first and the last step
    may be shorter than the others.

        Attributes:
            metric (Metric): `revenue` and `refunds` are roubles, by plan; the others are counted: changes of access by
                plan, declines by the
                provider's reason.
            unit (str):
            step (Step): A week begins on Monday.
            from_ (datetime.date):
            to (datetime.date):
            points (list[PointOut]):
            is_test (bool):
            timezone (str):
            as_of (datetime.datetime): In UTC, ending in `Z`.
    """

    metric: Metric
    unit: str
    step: Step
    from_: datetime.date
    to: datetime.date
    points: list[PointOut]
    is_test: bool
    timezone: str
    as_of: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        metric: str = self.metric

        unit = self.unit

        step: str = self.step

        from_ = self.from_.isoformat()

        to = self.to.isoformat()

        points = []
        for points_item_data in self.points:
            points_item = points_item_data.to_dict()
            points.append(points_item)

        is_test = self.is_test

        timezone = self.timezone

        as_of = self.as_of.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "metric": metric,
                "unit": unit,
                "step": step,
                "from": from_,
                "to": to,
                "points": points,
                "is_test": is_test,
                "timezone": timezone,
                "as_of": as_of,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.point_out import PointOut  # noqa: PLC0415

        d = dict(src_dict)
        metric = check_metric(d.pop("metric"))

        unit = d.pop("unit")

        step = check_step(d.pop("step"))

        from_ = datetime.date.fromisoformat(d.pop("from"))

        to = datetime.date.fromisoformat(d.pop("to"))

        points = []
        _points = d.pop("points")
        for points_item_data in _points:
            points_item = PointOut.from_dict(points_item_data)

            points.append(points_item)

        is_test = d.pop("is_test")

        timezone = d.pop("timezone")

        as_of = datetime.datetime.fromisoformat(d.pop("as_of"))

        series_out = cls(
            metric=metric,
            unit=unit,
            step=step,
            from_=from_,
            to=to,
            points=points,
            is_test=is_test,
            timezone=timezone,
            as_of=as_of,
        )

        series_out.additional_properties = d
        return series_out

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
