from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

T = TypeVar("T", bound="DeliveredIn")


@_attrs_define
class DeliveredIn:
    """That the payer was told: by which channel, and when.

    Attributes:
        channel (str):
        at (datetime.datetime): With its offset; not in the future.
    """

    channel: str
    at: datetime.datetime

    def to_dict(self) -> dict[str, Any]:
        channel = self.channel

        at = self.at.isoformat()

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "channel": channel,
                "at": at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        channel = d.pop("channel")

        at = datetime.datetime.fromisoformat(d.pop("at"))

        delivered_in = cls(
            channel=channel,
            at=at,
        )

        return delivered_in
