from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.receipt_contact_in import ReceiptContactIn


T = TypeVar("T", bound="LiveTestIn")


@_attrs_define
class LiveTestIn:
    """Nothing is needed; whatever else is sent is ignored.

    Attributes:
        return_url (None | str | Unset): Where the payer comes back to; a host that is not ours is replaced by the
            default.
        receipt_contact (None | ReceiptContactIn | Unset): Where the payer's receipt goes, and later ones. Needed once
            where the shop fiscalises, else left aside. An `Idempotency-Key` stands for the same payment whatever it says.
    """

    return_url: None | str | Unset = UNSET
    receipt_contact: None | ReceiptContactIn | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.receipt_contact_in import ReceiptContactIn  # noqa: PLC0415

        return_url: None | str | Unset
        if isinstance(self.return_url, Unset):
            return_url = UNSET
        else:
            return_url = self.return_url

        receipt_contact: dict[str, Any] | None | Unset
        if isinstance(self.receipt_contact, Unset):
            receipt_contact = UNSET
        elif isinstance(self.receipt_contact, ReceiptContactIn):
            receipt_contact = self.receipt_contact.to_dict()
        else:
            receipt_contact = self.receipt_contact

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update({})
        if return_url is not UNSET:
            field_dict["return_url"] = return_url
        if receipt_contact is not UNSET:
            field_dict["receipt_contact"] = receipt_contact

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.receipt_contact_in import ReceiptContactIn  # noqa: PLC0415

        d = dict(src_dict)

        def _parse_return_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        return_url = _parse_return_url(d.pop("return_url", UNSET))

        def _parse_receipt_contact(data: object) -> None | ReceiptContactIn | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                receipt_contact_type_0 = ReceiptContactIn.from_dict(data)

                return receipt_contact_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ReceiptContactIn | Unset, data)

        receipt_contact = _parse_receipt_contact(d.pop("receipt_contact", UNSET))

        live_test_in = cls(
            return_url=return_url,
            receipt_contact=receipt_contact,
        )

        live_test_in.additional_properties = d
        return live_test_in

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
