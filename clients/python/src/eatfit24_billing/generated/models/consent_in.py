from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="ConsentIn")


@_attrs_define
class ConsentIn:
    """To what the user agrees: the plan at its price of now, again and again, under this text.

    Attributes:
        document_version (str): Which text the user agreed to, as you name your versions.
        plan_code (str): A `code` of `plans/`, the free one excepted.
    """

    document_version: str
    plan_code: str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        document_version = self.document_version

        plan_code = self.plan_code

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "document_version": document_version,
                "plan_code": plan_code,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        document_version = d.pop("document_version")

        plan_code = d.pop("plan_code")

        consent_in = cls(
            document_version=document_version,
            plan_code=plan_code,
        )

        consent_in.additional_properties = d
        return consent_in

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
