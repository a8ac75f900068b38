from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="GrantIn")


@_attrs_define
class GrantIn:
    """
    Attributes:
        plan_code (str):
        days (int): Of 24 hours each.
        author (str):
        reason (str):
    """

    plan_code: str
    days: int
    author: str
    reason: str

    def to_dict(self) -> dict[str, Any]:
        plan_code = self.plan_code

        days = self.days

        author = self.author

        reason = self.reason

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "plan_code": plan_code,
                "days": days,
                "author": author,
                "reason": reason,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        plan_code = d.pop("plan_code")

        days = d.pop("days")

        author = d.pop("author")

        reason = d.pop("reason")

        grant_in = cls(
            plan_code=plan_code,
            days=days,
            author=author,
            reason=reason,
        )

        return grant_in
