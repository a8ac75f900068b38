from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="NoticeOut")


@_attrs_define
class NoticeOut:
    """What holds now: `told_at` is never before the notice was written.

    Attributes:
        notice_id (UUID):
        told_at (datetime.datetime): In UTC, ending in `Z`.
        channel (str):
        charge_at (datetime.datetime): In UTC, ending in `Z`.
        charge_until (datetime.datetime): In UTC, ending in `Z`.
    """

    notice_id: UUID
    told_at: datetime.datetime
    channel: str
    charge_at: datetime.datetime
    charge_until: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        notice_id = str(self.notice_id)

        told_at = self.told_at.isoformat()

        channel = self.channel

        charge_at = self.charge_at.isoformat()

        charge_until = self.charge_until.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "notice_id": notice_id,
                "told_at": told_at,
                "channel": channel,
                "charge_at": charge_at,
                "charge_until": charge_until,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        notice_id = UUID(d.pop("notice_id"))

        told_at = datetime.datetime.fromisoformat(d.pop("told_at"))

        channel = d.pop("channel")

        charge_at = datetime.datetime.fromisoformat(d.pop("charge_at"))

        charge_until = datetime.datetime.fromisoformat(d.pop("charge_until"))

        notice_out = cls(
            notice_id=notice_id,
            told_at=told_at,
            channel=channel,
            charge_at=charge_at,
            charge_until=charge_until,
        )

        notice_out.additional_properties = d
        return notice_out

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
