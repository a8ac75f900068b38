from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.period_data_cause import PeriodDataCause, check_period_data_cause

T = TypeVar("T", bound="PeriodData")


@_attrs_define
class PeriodData:
    """A span of access that was laid or moved. `payment_id` is what bought it, null for given days.

    Attributes:
        plan (str):
        days (int):
        cause (PeriodDataCause):
        payment_id (None | UUID):
        begins (datetime.datetime): In UTC, ending in `Z`.
        ends (datetime.datetime): In UTC, ending in `Z`.
    """

    plan: str
    days: int
    cause: PeriodDataCause
    payment_id: None | UUID
    begins: datetime.datetime
    ends: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        plan = self.plan

        days = self.days

        cause: str = self.cause

        payment_id: None | str
        if isinstance(self.payment_id, UUID):
            payment_id = str(self.payment_id)
        else:
            payment_id = self.payment_id

        begins = self.begins.isoformat()

        ends = self.ends.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "plan": plan,
                "days": days,
                "cause": cause,
                "payment_id": payment_id,
                "begins": begins,
                "ends": ends,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        plan = d.pop("plan")

        days = d.pop("days")

        cause = check_period_data_cause(d.pop("cause"))

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

        begins = datetime.datetime.fromisoformat(d.pop("begins"))

        ends = datetime.datetime.fromisoformat(d.pop("ends"))

        period_data = cls(
            plan=plan,
            days=days,
            cause=cause,
            payment_id=payment_id,
            begins=begins,
            ends=ends,
        )

        period_data.additional_properties = d
        return period_data

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
