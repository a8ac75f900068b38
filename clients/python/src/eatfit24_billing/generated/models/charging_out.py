from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.stop_out import StopOut


T = TypeVar("T", bound="ChargingOut")


@_attrs_define
class ChargingOut:
    """Whether saved methods are charged: only while it is `enabled` by the setting and nobody has stopped it.

    Attributes:
        charging (bool):
        enabled (bool): `BILLING_RECURRING_ENABLED`.
        started_at (datetime.datetime | None): When an operator last started it; declines are counted from here.
        stops (list[StopOut]):
    """

    charging: bool
    enabled: bool
    started_at: datetime.datetime | None
    stops: list[StopOut]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        charging = self.charging

        enabled = self.enabled

        started_at: None | str
        if isinstance(self.started_at, datetime.datetime):
            started_at = self.started_at.isoformat()
        else:
            started_at = self.started_at

        stops = []
        for stops_item_data in self.stops:
            stops_item = stops_item_data.to_dict()
            stops.append(stops_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "charging": charging,
                "enabled": enabled,
                "started_at": started_at,
                "stops": stops,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.stop_out import StopOut  # noqa: PLC0415

        d = dict(src_dict)
        charging = d.pop("charging")

        enabled = d.pop("enabled")

        def _parse_started_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                started_at_type_0 = datetime.datetime.fromisoformat(data)

                return started_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        started_at = _parse_started_at(d.pop("started_at"))

        stops = []
        _stops = d.pop("stops")
        for stops_item_data in _stops:
            stops_item = StopOut.from_dict(stops_item_data)

            stops.append(stops_item)

        charging_out = cls(
            charging=charging,
            enabled=enabled,
            started_at=started_at,
            stops=stops,
        )

        charging_out.additional_properties = d
        return charging_out

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
