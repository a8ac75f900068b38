from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.timeline_entry_out_kind import TimelineEntryOutKind, check_timeline_entry_out_kind

if TYPE_CHECKING:
    from ..models.timeline_entry_out_data import TimelineEntryOutData


T = TypeVar("T", bound="TimelineEntryOut")


@_attrs_define
class TimelineEntryOut:
    """One fact: `text` is for people, `data` is what it is made of. Days lie, and cuts are, as they are now.

    Attributes:
        at (datetime.datetime): In UTC, ending in `Z`.
        kind (TimelineEntryOutKind):
        id (str): Of the payment, refund, period, … it is about.
        text (str):
        data (TimelineEntryOutData): By `kind`; times are in UTC, money is a string.
    """

    at: datetime.datetime
    kind: TimelineEntryOutKind
    id: str
    text: str
    data: TimelineEntryOutData
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        at = self.at.isoformat()

        kind: str = self.kind

        id = self.id

        text = self.text

        data = self.data.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "at": at,
                "kind": kind,
                "id": id,
                "text": text,
                "data": data,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.timeline_entry_out_data import TimelineEntryOutData  # noqa: PLC0415

        d = dict(src_dict)
        at = datetime.datetime.fromisoformat(d.pop("at"))

        kind = check_timeline_entry_out_kind(d.pop("kind"))

        id = d.pop("id")

        text = d.pop("text")

        data = TimelineEntryOutData.from_dict(d.pop("data"))

        timeline_entry_out = cls(
            at=at,
            kind=kind,
            id=id,
            text=text,
            data=data,
        )

        timeline_entry_out.additional_properties = d
        return timeline_entry_out

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
