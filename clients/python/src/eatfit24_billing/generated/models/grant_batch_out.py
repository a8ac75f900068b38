from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.batch_member_out import BatchMemberOut


T = TypeVar("T", bound="GrantBatchOut")


@_attrs_define
class GrantBatchOut:
    """By user. `grant_batch_id` is null in a dry run of what has not begun.

    Attributes:
        grant_batch_id (None | UUID):
        name (str):
        plan_code (str):
        days (int):
        dry_run (bool):
        results (list[BatchMemberOut]):
    """

    grant_batch_id: None | UUID
    name: str
    plan_code: str
    days: int
    dry_run: bool
    results: list[BatchMemberOut]
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        grant_batch_id: None | str
        if isinstance(self.grant_batch_id, UUID):
            grant_batch_id = str(self.grant_batch_id)
        else:
            grant_batch_id = self.grant_batch_id

        name = self.name

        plan_code = self.plan_code

        days = self.days

        dry_run = self.dry_run

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
                "plan_code": plan_code,
                "days": days,
                "dry_run": dry_run,
                "results": results,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.batch_member_out import BatchMemberOut  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_grant_batch_id(data: object) -> None | UUID:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                grant_batch_id_type_0 = UUID(data)

                return grant_batch_id_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | UUID, data)

        grant_batch_id = _parse_grant_batch_id(d.pop("grant_batch_id"))

        name = d.pop("name")

        plan_code = d.pop("plan_code")

        days = d.pop("days")

        dry_run = d.pop("dry_run")

        results = []
        _results = d.pop("results")
        for results_item_data in _results:
            results_item = BatchMemberOut.from_dict(results_item_data)

            results.append(results_item)

        grant_batch_out = cls(
            grant_batch_id=grant_batch_id,
            name=name,
            plan_code=plan_code,
            days=days,
            dry_run=dry_run,
            results=results,
        )

        grant_batch_out.additional_properties = d
        return grant_batch_out

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
