from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="StopOut")


@_attrs_define
class StopOut:
    """
    Attributes:
        source (str): Who stopped it: `operator`, `audit` or `trip` (a jump of declines).
        since (datetime.datetime): In UTC, ending in `Z`.
        author (str):
        reason (str):
    """

    source: str
    since: datetime.datetime
    author: str
    reason: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        source = self.source

        since = self.since.isoformat()

        author = self.author

        reason = self.reason

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "source": source,
                "since": since,
                "author": author,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        source = d.pop("source")

        since = datetime.datetime.fromisoformat(d.pop("since"))

        author = d.pop("author")

        reason = d.pop("reason")

        stop_out = cls(
            source=source,
            since=since,
            author=author,
            reason=reason,
        )

        stop_out.additional_properties = d
        return stop_out

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
