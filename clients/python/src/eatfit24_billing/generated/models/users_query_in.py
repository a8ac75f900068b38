from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

T = TypeVar("T", bound="UsersQueryIn")


@_attrs_define
class UsersQueryIn:
    """
    Attributes:
        user_ids (list[int]): At most 500; the answer has one state for each, in this order.
    """

    user_ids: list[int]

    def to_dict(self) -> dict[str, Any]:
        user_ids = self.user_ids

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "user_ids": user_ids,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        user_ids = cast(list[int], d.pop("user_ids"))

        users_query_in = cls(
            user_ids=user_ids,
        )

        return users_query_in
