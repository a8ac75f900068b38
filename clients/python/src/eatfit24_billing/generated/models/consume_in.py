from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ConsumeIn")


@_attrs_define
class ConsumeIn:
    """
    Attributes:
        amount (int | Unset): How many photos, or of the `feature`. Default: 1.
        operation_id (None | str | Unset): Makes a repeat safe: it counts nothing more.
        feature (str | Unset): What is used: `photo_ai`, or what the plans' `daily_limits` name. Default: 'photo_ai'.
    """

    amount: int | Unset = 1
    operation_id: None | str | Unset = UNSET
    feature: str | Unset = "photo_ai"

    def to_dict(self) -> dict[str, Any]:
        amount = self.amount

        operation_id: None | str | Unset
        if isinstance(self.operation_id, Unset):
            operation_id = UNSET
        else:
            operation_id = self.operation_id

        feature = self.feature

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if amount is not UNSET:
            field_dict["amount"] = amount
        if operation_id is not UNSET:
            field_dict["operation_id"] = operation_id
        if feature is not UNSET:
            field_dict["feature"] = feature

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        amount = d.pop("amount", UNSET)

        def _parse_operation_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        operation_id = _parse_operation_id(d.pop("operation_id", UNSET))

        feature = d.pop("feature", UNSET)

        consume_in = cls(
            amount=amount,
            operation_id=operation_id,
            feature=feature,
        )

        return consume_in
