from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

T = TypeVar("T", bound="MethodExpiringData")


@_attrs_define
class MethodExpiringData:
    """The card ends before the next charge. `expires` is its last month.

    Attributes:
        title (None | str):
        card_mask (None | str):
        card_brand (None | str):
        expires (str):
        charge_at (datetime.datetime): In UTC, ending in `Z`.
    """

    title: None | str
    card_mask: None | str
    card_brand: None | str
    expires: str
    charge_at: datetime.datetime
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        title: None | str
        title = self.title

        card_mask: None | str
        card_mask = self.card_mask

        card_brand: None | str
        card_brand = self.card_brand

        expires = self.expires

        charge_at = self.charge_at.isoformat()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "title": title,
                "card_mask": card_mask,
                "card_brand": card_brand,
                "expires": expires,
                "charge_at": charge_at,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)

        def _parse_title(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        title = _parse_title(d.pop("title"))

        def _parse_card_mask(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        card_mask = _parse_card_mask(d.pop("card_mask"))

        def _parse_card_brand(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        card_brand = _parse_card_brand(d.pop("card_brand"))

        expires = d.pop("expires")

        charge_at = datetime.datetime.fromisoformat(d.pop("charge_at"))

        method_expiring_data = cls(
            title=title,
            card_mask=card_mask,
            card_brand=card_brand,
            expires=expires,
            charge_at=charge_at,
        )

        method_expiring_data.additional_properties = d
        return method_expiring_data

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
