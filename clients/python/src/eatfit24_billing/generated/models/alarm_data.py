from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.alarm_data_facts import AlarmDataFacts


T = TypeVar("T", bound="AlarmData")


@_attrs_define
class AlarmData:
    """A person must look; `facts` are ids, amounts and states. What to do stands in docs/operations.md.

    `subject` is the id of the thing it is about; null for a condition, which is told once an hour while it lasts.

        Attributes:
            alarm (str):
            subject (None | str):
            facts (AlarmDataFacts):
    """

    alarm: str
    subject: None | str
    facts: AlarmDataFacts
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        alarm = self.alarm

        subject: None | str
        subject = self.subject

        facts = self.facts.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "alarm": alarm,
                "subject": subject,
                "facts": facts,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.alarm_data_facts import AlarmDataFacts  # noqa: PLC0415

        d = dict(src_dict)
        alarm = d.pop("alarm")

        def _parse_subject(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        subject = _parse_subject(d.pop("subject"))

        facts = AlarmDataFacts.from_dict(d.pop("facts"))

        alarm_data = cls(
            alarm=alarm,
            subject=subject,
            facts=facts,
        )

        alarm_data.additional_properties = d
        return alarm_data

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
