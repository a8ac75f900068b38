from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.operation_out import OperationOut


T = TypeVar("T", bound="UsageOfDayOut")


@_attrs_define
class UsageOfDayOut:
    """Today's figures; with `explain=true` also the operations that make them, the oldest first.

    Attributes:
        allowed (bool):
        feature (str):
        plan_code (str):
        daily_limit (int | None):
        used_today (int):
        held (int):
        remaining_today (int | None):
        resets_at (datetime.datetime): In UTC, ending in `Z`.
        operations (list[OperationOut] | None):
    """

    allowed: bool
    feature: str
    plan_code: str
    daily_limit: int | None
    used_today: int
    held: int
    remaining_today: int | None
    resets_at: datetime.datetime
    operations: list[OperationOut] | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        allowed = self.allowed

        feature = self.feature

        plan_code = self.plan_code

        daily_limit: int | None
        daily_limit = self.daily_limit

        used_today = self.used_today

        held = self.held

        remaining_today: int | None
        remaining_today = self.remaining_today

        resets_at = self.resets_at.isoformat()

        operations: list[dict[str, Any]] | None
        if isinstance(self.operations, list):
            operations = []
            for operations_type_0_item_data in self.operations:
                operations_type_0_item = operations_type_0_item_data.to_dict()
                operations.append(operations_type_0_item)

        else:
            operations = self.operations

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "allowed": allowed,
                "feature": feature,
                "plan_code": plan_code,
                "daily_limit": daily_limit,
                "used_today": used_today,
                "held": held,
                "remaining_today": remaining_today,
                "resets_at": resets_at,
                "operations": operations,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.operation_out import OperationOut  # noqa: PLC0415

        d = dict(src_dict)
        allowed = d.pop("allowed")

        feature = d.pop("feature")

        plan_code = d.pop("plan_code")

        def _parse_daily_limit(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        daily_limit = _parse_daily_limit(d.pop("daily_limit"))

        used_today = d.pop("used_today")

        held = d.pop("held")

        def _parse_remaining_today(data: object) -> int | None:
            if data is None:
                return data
            return cast(int | None, data)

        remaining_today = _parse_remaining_today(d.pop("remaining_today"))

        resets_at = datetime.datetime.fromisoformat(d.pop("resets_at"))

        def _parse_operations(data: object) -> list[OperationOut] | None:
            if data is None:
                return data
            try:
                if not isinstance(data, list):
                    raise TypeError()
                operations_type_0 = []
                _operations_type_0 = data
                for operations_type_0_item_data in _operations_type_0:
                    operations_type_0_item = OperationOut.from_dict(operations_type_0_item_data)

                    operations_type_0.append(operations_type_0_item)

                return operations_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(list[OperationOut] | None, data)

        operations = _parse_operations(d.pop("operations"))

        usage_of_day_out = cls(
            allowed=allowed,
            feature=feature,
            plan_code=plan_code,
            daily_limit=daily_limit,
            used_today=used_today,
            held=held,
            remaining_today=remaining_today,
            resets_at=resets_at,
            operations=operations,
        )

        usage_of_day_out.additional_properties = d
        return usage_of_day_out

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
