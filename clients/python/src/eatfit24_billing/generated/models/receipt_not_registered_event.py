from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.receipt_data import ReceiptData


T = TypeVar("T", bound="ReceiptNotRegisteredEvent")


@_attrs_define
class ReceiptNotRegisteredEvent:
    """The tax office has not got a receipt.

    Attributes:
        id (UUID):
        type_ (Literal['receipt.not_registered']):
        schema (int):
        occurred_at (datetime.datetime): In UTC, ending in `Z`.
        feed_no (int):
        user_seq (int):
        data (ReceiptData): A receipt of money that moved is not registered a day later, or will never be: a person must
            look. `refund_id` is
            null for the receipt of the payment itself.
        user_id (int):
    """

    id: UUID
    type_: Literal["receipt.not_registered"]
    schema: int
    occurred_at: datetime.datetime
    feed_no: int
    user_seq: int
    data: ReceiptData
    user_id: int
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
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.receipt_data import ReceiptData  # noqa: PLC0415

        d = dict(src_dict)
        id = UUID(d.pop("id"))

        type_ = cast(Literal["receipt.not_registered"], d.pop("type"))
        if type_ != "receipt.not_registered":
            raise ValueError(f"type must match const 'receipt.not_registered', got '{type_}'")

        schema = d.pop("schema")

        occurred_at = datetime.datetime.fromisoformat(d.pop("occurred_at"))

        feed_no = d.pop("feed_no")

        user_seq = d.pop("user_seq")

        data = ReceiptData.from_dict(d.pop("data"))

        user_id = d.pop("user_id")

        receipt_not_registered_event = cls(
            id=id,
            type_=type_,
            schema=schema,
            occurred_at=occurred_at,
            feed_no=feed_no,
            user_seq=user_seq,
            data=data,
            user_id=user_id,
        )

        receipt_not_registered_event.additional_properties = d
        return receipt_not_registered_event

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
