from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.taken_out import TakenOut


T = TypeVar("T", bound="RevokedBatchOut")


@_attrs_define
class RevokedBatchOut:
    """By user; who had no days yet gets none any more.

    Attributes:
        grant_batch_id (UUID):
        name (str):
        results (list[TakenOut]):
    """

    grant_batch_id: UUID
    name: str
    results: list[TakenOut]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        grant_batch_id = str(self.grant_batch_id)

        name = self.name

        results = []
        for results_item_data in self.results:
            results_item = results_item_data.to_dict()
            results.append(results_item)

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "grant_batch_id": grant_batch_id,
                "name": name,
                "results": results,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.taken_out import TakenOut  # noqa: PLC0415

        d = dict(src_dict)
        grant_batch_id = UUID(d.pop("grant_batch_id"))

        name = d.pop("name")

        results = []
        _results = d.pop("results")
        for results_item_data in _results:
            results_item = TakenOut.from_dict(results_item_data)

            results.append(results_item)

        revoked_batch_out = cls(
            grant_batch_id=grant_batch_id,
            name=name,
            results=results,
        )

        revoked_batch_out.additional_properties = d
        return revoked_batch_out

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
