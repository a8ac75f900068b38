from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="GrantBatchIn")


@_attrs_define
class GrantBatchIn:
    """The same days for these users. `dry_run` answers whom it would have, and gives nothing.

    Attributes:
        user_ids (list[int]): Each counts once.
        plan_code (str):
        days (int): Of 24 hours each.
        author (str):
        reason (str):
        dry_run (bool | Unset):  Default: False.
    """

    user_ids: list[int]
    plan_code: str
    days: int
    author: str
    reason: str
    dry_run: bool | Unset = False

    def to_dict(self) -> dict[str, Any]:
        user_ids = self.user_ids

        plan_code = self.plan_code

        days = self.days

        author = self.author

        reason = self.reason

        dry_run = self.dry_run

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "user_ids": user_ids,
                "plan_code": plan_code,
                "days": days,
                "author": author,
                "reason": reason,
            }
        )
        if dry_run is not UNSET:
            field_dict["dry_run"] = dry_run

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        user_ids = cast(list[int], d.pop("user_ids"))

        plan_code = d.pop("plan_code")

        days = d.pop("days")

        author = d.pop("author")

        reason = d.pop("reason")

        dry_run = d.pop("dry_run", UNSET)

        grant_batch_in = cls(
            user_ids=user_ids,
            plan_code=plan_code,
            days=days,
            author=author,
            reason=reason,
            dry_run=dry_run,
        )

        return grant_batch_in
