from __future__ import annotations

import datetime
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
        decided_on (datetime.date | None | Unset): The day, in our time zone, on which the caller let it through because
            we could not be asked: it counts there, and is not refused. Today or one of the seven days before; needs an
            `operation_id`.
    """

    amount: int | Unset = 1
    operation_id: None | str | Unset = UNSET
    feature: str | Unset = "photo_ai"
    decided_on: datetime.date | None | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        amount = self.amount

        operation_id: None | str | Unset
        if isinstance(self.operation_id, Unset):
            operation_id = UNSET
        else:
            operation_id = self.operation_id

        feature = self.feature

        decided_on: None | str | Unset
        if isinstance(self.decided_on, Unset):
            decided_on = UNSET
        elif isinstance(self.decided_on, datetime.date):
            decided_on = self.decided_on.isoformat()
        else:
            decided_on = self.decided_on

        field_dict: dict[str, Any] = {}

        field_dict.update({})
        if amount is not UNSET:
            field_dict["amount"] = amount
        if operation_id is not UNSET:
            field_dict["operation_id"] = operation_id
        if feature is not UNSET:
            field_dict["feature"] = feature
        if decided_on is not UNSET:
            field_dict["decided_on"] = decided_on

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

        def _parse_decided_on(data: object) -> datetime.date | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                decided_on_type_0 = datetime.date.fromisoformat(data)

                return decided_on_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.date | None | Unset, data)

        decided_on = _parse_decided_on(d.pop("decided_on", UNSET))

        consume_in = cls(
            amount=amount,
            operation_id=operation_id,
            feature=feature,
            decided_on=decided_on,
        )

        return consume_in
