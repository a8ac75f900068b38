from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ReserveIn")


@_attrs_define
class ReserveIn:
    """
    Attributes:
        operation_id (str):
        amount (int | Unset): How many photos, or of the `feature`. Default: 1.
        ttl_seconds (int | Unset): When the hold frees itself. Default: 300.
        feature (str | Unset): What is used: `photo_ai`, or what the plans' `daily_limits` name. Default: 'photo_ai'.
    """

    operation_id: str
    amount: int | Unset = 1
    ttl_seconds: int | Unset = 300
    feature: str | Unset = "photo_ai"

    def to_dict(self) -> dict[str, Any]:
        operation_id = self.operation_id

        amount = self.amount

        ttl_seconds = self.ttl_seconds

        feature = self.feature

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "operation_id": operation_id,
            }
        )
        if amount is not UNSET:
            field_dict["amount"] = amount
        if ttl_seconds is not UNSET:
            field_dict["ttl_seconds"] = ttl_seconds
        if feature is not UNSET:
            field_dict["feature"] = feature

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        operation_id = d.pop("operation_id")

        amount = d.pop("amount", UNSET)

        ttl_seconds = d.pop("ttl_seconds", UNSET)

        feature = d.pop("feature", UNSET)

        reserve_in = cls(
            operation_id=operation_id,
            amount=amount,
            ttl_seconds=ttl_seconds,
            feature=feature,
        )

        return reserve_in
