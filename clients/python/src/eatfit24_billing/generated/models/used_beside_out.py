from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="UsedBesideOut")


@_attrs_define
class UsedBesideOut:
    """What of it was used at the same time as another period, before two users became one: used, and not taken back.
    What was unused then lies behind. `move_id` names the move.

        Attributes:
            move_id (UUID):
            seconds (int):
            at (datetime.datetime): In UTC, ending in `Z`.
    """

    move_id: UUID
    seconds: int
    at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        move_id = str(self.move_id)

        seconds = self.seconds

        at = self.at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "move_id": move_id,
                "seconds": seconds,
                "at": at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        move_id = UUID(d.pop("move_id"))

        seconds = d.pop("seconds")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        used_beside_out = cls(
            move_id=move_id,
            seconds=seconds,
            at=at,
        )

        used_beside_out.additional_properties = d
        return used_beside_out

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
