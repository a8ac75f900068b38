from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.shortened_data_cause import ShortenedDataCause, check_shortened_data_cause

T = TypeVar("T", bound="ShortenedData")


@_attrs_define
class ShortenedData:
    """Access ends earlier. `payment_id` is the payment whose days were cut, if they were bought.

    Attributes:
        seconds (int): How much earlier.
        access_until_before (datetime.datetime): In UTC, ending in `Z`.
        plan (str):
        cause (ShortenedDataCause):
        payment_id (None | UUID):
    """

    seconds: int
    access_until_before: datetime.datetime
    plan: str
    cause: ShortenedDataCause
    payment_id: None | UUID
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        seconds = self.seconds

        access_until_before = self.access_until_before.isoformat()

        plan = self.plan

        cause: str = self.cause

        payment_id: None | str
        if isinstance(self.payment_id, UUID):
            payment_id = str(self.payment_id)
        else:
            payment_id = self.payment_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "seconds": seconds,
                "access_until_before": access_until_before,
                "plan": plan,
                "cause": cause,
                "payment_id": payment_id,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        seconds = d.pop("seconds")

        access_until_before = datetime.datetime.fromisoformat(d.pop("access_until_before"))

        plan = d.pop("plan")

        cause = check_shortened_data_cause(d.pop("cause"))

        def _parse_payment_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                payment_id_type_0 = UUID(data)

                return payment_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        payment_id = _parse_payment_id(d.pop("payment_id"))

        shortened_data = cls(
            seconds=seconds,
            access_until_before=access_until_before,
            plan=plan,
            cause=cause,
            payment_id=payment_id,
        )

        shortened_data.additional_properties = d
        return shortened_data

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
