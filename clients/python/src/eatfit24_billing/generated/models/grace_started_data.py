from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="GraceStartedData")


@_attrs_define
class GraceStartedData:
    """Access is over, and the subscription is still tried to be renewed until `grace_until`.

    Attributes:
        ended_at (datetime.datetime): In UTC, ending in `Z`.
        grace_until (datetime.datetime): In UTC, ending in `Z`.
        because (None | str):
    """

    ended_at: datetime.datetime
    grace_until: datetime.datetime
    because: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        ended_at = self.ended_at.isoformat()

        grace_until = self.grace_until.isoformat()

        because: None | str
        because = self.because

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "ended_at": ended_at,
                "grace_until": grace_until,
                "because": because,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        ended_at = datetime.datetime.fromisoformat(d.pop("ended_at"))

        grace_until = datetime.datetime.fromisoformat(d.pop("grace_until"))

        def _parse_because(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        because = _parse_because(d.pop("because"))

        grace_started_data = cls(
            ended_at=ended_at,
            grace_until=grace_until,
            because=because,
        )

        grace_started_data.additional_properties = d
        return grace_started_data

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
