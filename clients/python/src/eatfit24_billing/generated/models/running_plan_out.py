from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.running_plan_out_becomes import RunningPlanOutBecomes, check_running_plan_out_becomes

T = TypeVar("T", bound="RunningPlanOut")


@_attrs_define
class RunningPlanOut:
    """What the user has already, and what becomes of it.

    Attributes:
        plan_code (str):
        plan_name (str):
        until (datetime.datetime): In UTC, ending in `Z`.
        becomes (RunningPlanOutBecomes): `goes_on`: to its end, what is bought begins then and no day is lost.
            `replaced`: the plan of a one-rouble payment, which what is bought hides.
    """

    plan_code: str
    plan_name: str
    until: datetime.datetime
    becomes: RunningPlanOutBecomes
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        plan_code = self.plan_code

        plan_name = self.plan_name

        until = self.until.isoformat()

        becomes: str = self.becomes

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "plan_code": plan_code,
                "plan_name": plan_name,
                "until": until,
                "becomes": becomes,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        plan_code = d.pop("plan_code")

        plan_name = d.pop("plan_name")

        until = datetime.datetime.fromisoformat(d.pop("until"))

        becomes = check_running_plan_out_becomes(d.pop("becomes"))

        running_plan_out = cls(
            plan_code=plan_code,
            plan_name=plan_name,
            until=until,
            becomes=becomes,
        )

        running_plan_out.additional_properties = d
        return running_plan_out

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
