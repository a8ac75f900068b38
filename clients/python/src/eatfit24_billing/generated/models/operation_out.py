from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.operation_out_state import OperationOutState, check_operation_out_state

T = TypeVar("T", bound="OperationOut")


@_attrs_define
class OperationOut:
    """What was admitted today, and what became of it. All `counts` add up to `used_today`, what is `held` to `held`.

    Attributes:
        operation_id (None | str): Null if whoever counted it named none.
        state (OperationOutState): `reset`: an operator set back what was counted, see the audit log. `not_listed`: one
            sum of what is earlier than the 500 newest, or was counted before operations were written down.
        asked (int): How many were asked for at first.
        amount (int): How many it is about in the end.
        counts (int): How many of them are in `used_today`; below 0 for a reset.
        began_at (datetime.datetime | None):
        held_until (datetime.datetime | None): Null if it was counted at once.
        ended_at (datetime.datetime | None): When it was counted, released or set back.
    """

    operation_id: None | str
    state: OperationOutState
    asked: int
    amount: int
    counts: int
    began_at: datetime.datetime | None
    held_until: datetime.datetime | None
    ended_at: datetime.datetime | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        operation_id: None | str
        operation_id = self.operation_id

        state: str = self.state

        asked = self.asked

        amount = self.amount

        counts = self.counts

        began_at: None | str
        if isinstance(self.began_at, datetime.datetime):
            began_at = self.began_at.isoformat()
        else:
            began_at = self.began_at

        held_until: None | str
        if isinstance(self.held_until, datetime.datetime):
            held_until = self.held_until.isoformat()
        else:
            held_until = self.held_until

        ended_at: None | str
        if isinstance(self.ended_at, datetime.datetime):
            ended_at = self.ended_at.isoformat()
        else:
            ended_at = self.ended_at

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "operation_id": operation_id,
                "state": state,
                "asked": asked,
                "amount": amount,
                "counts": counts,
                "began_at": began_at,
                "held_until": held_until,
                "ended_at": ended_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_operation_id(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        operation_id = _parse_operation_id(d.pop("operation_id"))

        state = check_operation_out_state(d.pop("state"))

        asked = d.pop("asked")

        amount = d.pop("amount")

        counts = d.pop("counts")

        def _parse_began_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                began_at_type_0 = datetime.datetime.fromisoformat(data)

                return began_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        began_at = _parse_began_at(d.pop("began_at"))

        def _parse_held_until(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                held_until_type_0 = datetime.datetime.fromisoformat(data)

                return held_until_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        held_until = _parse_held_until(d.pop("held_until"))

        def _parse_ended_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                ended_at_type_0 = datetime.datetime.fromisoformat(data)

                return ended_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        ended_at = _parse_ended_at(d.pop("ended_at"))

        operation_out = cls(
            operation_id=operation_id,
            state=state,
            asked=asked,
            amount=amount,
            counts=counts,
            began_at=began_at,
            held_until=held_until,
            ended_at=ended_at,
        )

        operation_out.additional_properties = d
        return operation_out

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
