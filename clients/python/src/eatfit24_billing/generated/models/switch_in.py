from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="SwitchIn")


@_attrs_define
class SwitchIn:
    """
    Attributes:
        charging (bool): False stops, true lifts every stop.
        author (str):
        reason (str):
    """

    charging: bool
    author: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        charging = self.charging

        author = self.author

        reason = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "charging": charging,
                "author": author,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        charging = d.pop("charging")

        author = d.pop("author")

        reason = d.pop("reason")

        switch_in = cls(
            charging=charging,
            author=author,
            reason=reason,
        )

        return switch_in
