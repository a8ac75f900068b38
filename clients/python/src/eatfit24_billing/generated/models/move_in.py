from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="MoveIn")


@_attrs_define
class MoveIn:
    """
    Attributes:
        author (str):
        reason (str):
    """

    author: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        author = self.author

        reason = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "author": author,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        author = d.pop("author")

        reason = d.pop("reason")

        move_in = cls(
            author=author,
            reason=reason,
        )

        return move_in
