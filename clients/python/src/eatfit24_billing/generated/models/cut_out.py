from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.cut_out_by import CutOutBy, check_cut_out_by

T = TypeVar("T", bound="CutOut")


@_attrs_define
class CutOut:
    """What was taken off its end. `id` is that of the refund, or of the grant that was revoked.

    Attributes:
        by (CutOutBy):
        id (UUID):
        seconds (int):
        at (datetime.datetime): In UTC, ending in `Z`.
    """

    by: CutOutBy
    id: UUID
    seconds: int
    at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        by: str = self.by

        id = str(self.id)

        seconds = self.seconds

        at = self.at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "by": by,
                "id": id,
                "seconds": seconds,
                "at": at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        by = check_cut_out_by(d.pop("by"))

        id = UUID(d.pop("id"))

        seconds = d.pop("seconds")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        cut_out = cls(
            by=by,
            id=id,
            seconds=seconds,
            at=at,
        )

        cut_out.additional_properties = d
        return cut_out

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
