from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.moved_data import MovedData
    from ..models.state import State


T = TypeVar("T", bound="SubscriptionMovedEvent")


@_attrs_define
class SubscriptionMovedEvent:
    """A user has become another number.

    Attributes:
        id (UUID):
        type_ (Literal['subscription.moved']):
        schema (int):
        occurred_at (datetime.datetime): In UTC, ending in `Z`.
        feed_no (int):
        user_seq (int):
        data (MovedData): Everything of `from_user_id` is `to_user_id`'s from now on. Told once for either number:
            `state` is what the one
            that the event is of has now, which is nothing for the old one.
        user_id (int):
        state (State): The user's whole subscription at that instant; the newest one that was told is true until the
            next.

            `access_until` is when PRO ends, or has ended; null without any. `plan` is in force at that instant, and `spans`
            say
            which one is later: those that are not over, the first 20 of them. After the last one the plan is FREE.
    """

    id: UUID
    type_: Literal["subscription.moved"]
    schema: int
    occurred_at: datetime.datetime
    feed_no: int
    user_seq: int
    data: MovedData
    user_id: int
    state: State
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        id = str(self.id)

        type_ = self.type_

        schema = self.schema

        occurred_at = self.occurred_at.isoformat()

        feed_no = self.feed_no

        user_seq = self.user_seq

        data = self.data.to_dict()

        user_id = self.user_id

        state = self.state.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "id": id,
                "type": type_,
                "schema": schema,
                "occurred_at": occurred_at,
                "feed_no": feed_no,
                "user_seq": user_seq,
                "data": data,
                "user_id": user_id,
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.moved_data import MovedData  # noqa: PLC0415
        from ..models.state import State  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        type_ = cast(Literal["subscription.moved"], d.pop("type"))
        if type_ != "subscription.moved":
            raise ValueError(f"type must match const 'subscription.moved', got '{type_}'")

        schema = d.pop("schema")

        occurred_at = datetime.datetime.fromisoformat(d.pop("occurred_at"))

        feed_no = d.pop("feed_no")

        user_seq = d.pop("user_seq")

        data = MovedData.from_dict(d.pop("data"))

        user_id = d.pop("user_id")

        state = State.from_dict(d.pop("state"))

        subscription_moved_event = cls(
            id=id,
            type_=type_,
            schema=schema,
            occurred_at=occurred_at,
            feed_no=feed_no,
            user_seq=user_seq,
            data=data,
            user_id=user_id,
            state=state,
        )

        subscription_moved_event.additional_properties = d
        return subscription_moved_event

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
