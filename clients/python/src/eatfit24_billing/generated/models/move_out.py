from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.move_out_moved import MoveOutMoved


T = TypeVar("T", bound="MoveOut")


@_attrs_define
class MoveOut:
    """When it was done, and what went along; a repeat answers the same.

    Attributes:
        from_user_id (int):
        to_user_id (int):
        moved_at (datetime.datetime): In UTC, ending in `Z`.
        moved (MoveOutMoved): How many rows of each table went along.
    """

    from_user_id: int
    to_user_id: int
    moved_at: datetime.datetime
    moved: MoveOutMoved
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from_user_id = self.from_user_id

        to_user_id = self.to_user_id

        moved_at = self.moved_at.isoformat()

        moved = self.moved.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "from_user_id": from_user_id,
                "to_user_id": to_user_id,
                "moved_at": moved_at,
                "moved": moved,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.move_out_moved import MoveOutMoved  # noqa: PLC0415

        d = dict(src_dict)
        from_user_id = d.pop("from_user_id")

        to_user_id = d.pop("to_user_id")

        moved_at = datetime.datetime.fromisoformat(d.pop("moved_at"))

        moved = MoveOutMoved.from_dict(d.pop("moved"))

        move_out = cls(
            from_user_id=from_user_id,
            to_user_id=to_user_id,
            moved_at=moved_at,
            moved=moved,
        )

        move_out.additional_properties = d
        return move_out

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
