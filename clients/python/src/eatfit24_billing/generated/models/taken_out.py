from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="TakenOut")


@_attrs_define
class TakenOut:
    """What was left of a grant, and is gone; 0 if all of it was used.

    Attributes:
        user_id (int):
        grant_id (UUID):
        seconds_taken (int):
    """

    user_id: int
    grant_id: UUID
    seconds_taken: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        user_id = self.user_id

        grant_id = str(self.grant_id)

        seconds_taken = self.seconds_taken

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "user_id": user_id,
                "grant_id": grant_id,
                "seconds_taken": seconds_taken,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        user_id = d.pop("user_id")

        grant_id = UUID(d.pop("grant_id"))

        seconds_taken = d.pop("seconds_taken")

        taken_out = cls(
            user_id=user_id,
            grant_id=grant_id,
            seconds_taken=seconds_taken,
        )

        taken_out.additional_properties = d
        return taken_out

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
