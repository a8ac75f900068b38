from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="MovedData")


@_attrs_define
class MovedData:
    """Everything of `from_user_id` is `to_user_id`'s from now on. Told once for either number: `state` is what the one
    that the event is of has now, which is nothing for the old one.

        Attributes:
            from_user_id (int):
            to_user_id (int):
    """

    from_user_id: int
    to_user_id: int
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from_user_id = self.from_user_id

        to_user_id = self.to_user_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "from_user_id": from_user_id,
                "to_user_id": to_user_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        from_user_id = d.pop("from_user_id")

        to_user_id = d.pop("to_user_id")

        moved_data = cls(
            from_user_id=from_user_id,
            to_user_id=to_user_id,
        )

        moved_data.additional_properties = d
        return moved_data

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
