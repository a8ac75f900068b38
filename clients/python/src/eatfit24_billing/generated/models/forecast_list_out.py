from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.day_out import DayOut
    from ..models.forecast_out import ForecastOut


T = TypeVar("T", bound="ForecastListOut")


@_attrs_define
class ForecastListOut:
    """`by_day` adds up what is in `results`, day by day.

    Attributes:
        results (list[ForecastOut]):
        by_day (list[DayOut]):
        currency (Literal['RUB'] | Unset):  Default: 'RUB'.
    """

    results: list[ForecastOut]
    by_day: list[DayOut]
    currency: Literal["RUB"] | Unset = "RUB"
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        results = []
        for results_item_data in self.results:
            results_item = results_item_data.to_dict()
            results.append(results_item)

        by_day = []
        for by_day_item_data in self.by_day:
            by_day_item = by_day_item_data.to_dict()
            by_day.append(by_day_item)

        currency = self.currency

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "results": results,
                "by_day": by_day,
            }
        )
        if currency is not UNSET:
            field_dict["currency"] = currency

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.day_out import DayOut  # noqa: PLC0415
        from ..models.forecast_out import ForecastOut  # noqa: PLC0415

        d = dict(src_dict)
        results = []
        _results = d.pop("results")
        for results_item_data in _results:
            results_item = ForecastOut.from_dict(results_item_data)

            results.append(results_item)

        by_day = []
        _by_day = d.pop("by_day")
        for by_day_item_data in _by_day:
            by_day_item = DayOut.from_dict(by_day_item_data)

            by_day.append(by_day_item)

        currency = cast(Literal["RUB"] | Unset, d.pop("currency", UNSET))
        if currency != "RUB" and not isinstance(currency, Unset):
            raise ValueError(f"currency must match const 'RUB', got '{currency}'")

        forecast_list_out = cls(
            results=results,
            by_day=by_day,
            currency=currency,
        )

        forecast_list_out.additional_properties = d
        return forecast_list_out

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
