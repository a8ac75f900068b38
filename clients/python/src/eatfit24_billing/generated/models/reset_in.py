from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ResetIn")


@_attrs_define
class ResetIn:
    """
    Attributes:
        author (str):
        reason (str):
        feature (str | Unset): What is used: `photo_ai`, or what the plans' `daily_limits` name. Default: 'photo_ai'.
    """

    author: str
    reason: str
    feature: str | Unset = "photo_ai"

    def to_dict(self) -> dict[str, Any]:
        author = self.author

        reason = self.reason

        feature = self.feature

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "author": author,
                "reason": reason,
            }
        )
        if feature is not UNSET:
            field_dict["feature"] = feature

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        author = d.pop("author")

        reason = d.pop("reason")

        feature = d.pop("feature", UNSET)

        reset_in = cls(
            author=author,
            reason=reason,
            feature=feature,
        )

        return reset_in
