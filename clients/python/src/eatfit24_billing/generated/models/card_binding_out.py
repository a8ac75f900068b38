from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="CardBindingOut")


@_attrs_define
class CardBindingOut:
    """Send the payer to `confirmation_url`, where the card is confirmed.

    Attributes:
        payment_id (UUID): Of the binding; no payment is made.
        confirmation_url (None | str): Null once it is over: `payment-method/` shows what is kept.
    """

    payment_id: UUID
    confirmation_url: None | str
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        payment_id = str(self.payment_id)

        confirmation_url: None | str
        confirmation_url = self.confirmation_url

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "payment_id": payment_id,
                "confirmation_url": confirmation_url,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        payment_id = UUID(d.pop("payment_id"))

        def _parse_confirmation_url(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        confirmation_url = _parse_confirmation_url(d.pop("confirmation_url"))

        card_binding_out = cls(
            payment_id=payment_id,
            confirmation_url=confirmation_url,
        )

        card_binding_out.additional_properties = d
        return card_binding_out

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
