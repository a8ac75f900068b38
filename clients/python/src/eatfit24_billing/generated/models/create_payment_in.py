from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.inline_consent_in import InlineConsentIn
    from ..models.receipt_contact_in import ReceiptContactIn


T = TypeVar("T", bound="CreatePaymentIn")


@_attrs_define
class CreatePaymentIn:
    """Which plan to buy. Price and days are ours: whatever else is sent is ignored.

    Attributes:
        plan_code (str): A `code` of `plans/`, the free one excepted.
        return_url (None | str | Unset): Where the payer comes back to; a host that is not ours is replaced by the
            default.
        save_payment_method (bool | Unset): Keep what is paid with, for renewals. Without a consent, or where nothing
            can be kept, the sale goes on and the answer says so. Default: False.
        consent (InlineConsentIn | None | Unset): The user agrees to be charged for this plan again; one given by
            `consents/` for the same plan in the last 24 hours counts as well.
        receipt_contact (None | ReceiptContactIn | Unset): Where the payer's receipt goes, and later ones. Needed once
            where the shop fiscalises, else left aside. An `Idempotency-Key` stands for the same payment whatever it says.
        preview_id (None | str | Unset): What `create-payment/preview/` showed the payer; if anything of it is another
            way by now, nothing is bought and the answer is 409 `PREVIEW_STALE`. No part of what an `Idempotency-Key` stands
            for.
    """

    plan_code: str
    return_url: None | str | Unset = UNSET
    save_payment_method: bool | Unset = False
    consent: InlineConsentIn | None | Unset = UNSET
    receipt_contact: None | ReceiptContactIn | Unset = UNSET
    preview_id: None | str | Unset = UNSET
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.inline_consent_in import InlineConsentIn  # noqa: PLC0415
        from ..models.receipt_contact_in import ReceiptContactIn  # noqa: PLC0415

        plan_code = self.plan_code

        return_url: None | str | Unset
        if isinstance(self.return_url, Unset):
            return_url = UNSET
        else:
            return_url = self.return_url

        save_payment_method = self.save_payment_method

        consent: dict[str, Any] | None | Unset
        if isinstance(self.consent, Unset):
            consent = UNSET
        elif isinstance(self.consent, InlineConsentIn):
            consent = self.consent.to_dict()
        else:
            consent = self.consent

        receipt_contact: dict[str, Any] | None | Unset
        if isinstance(self.receipt_contact, Unset):
            receipt_contact = UNSET
        elif isinstance(self.receipt_contact, ReceiptContactIn):
            receipt_contact = self.receipt_contact.to_dict()
        else:
            receipt_contact = self.receipt_contact

        preview_id: None | str | Unset
        if isinstance(self.preview_id, Unset):
            preview_id = UNSET
        else:
            preview_id = self.preview_id

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "plan_code": plan_code,
            }
        )
        if return_url is not UNSET:
            field_dict["return_url"] = return_url
        if save_payment_method is not UNSET:
            field_dict["save_payment_method"] = save_payment_method
        if consent is not UNSET:
            field_dict["consent"] = consent
        if receipt_contact is not UNSET:
            field_dict["receipt_contact"] = receipt_contact
        if preview_id is not UNSET:
            field_dict["preview_id"] = preview_id

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.inline_consent_in import InlineConsentIn  # noqa: PLC0415
        from ..models.receipt_contact_in import ReceiptContactIn  # noqa: PLC0415

        d = dict(src_dict)
        plan_code = d.pop("plan_code")

        def _parse_return_url(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        return_url = _parse_return_url(d.pop("return_url", UNSET))

        save_payment_method = d.pop("save_payment_method", UNSET)

        def _parse_consent(data: object) -> InlineConsentIn | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                consent_type_0 = InlineConsentIn.from_dict(data)

                return consent_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(InlineConsentIn | None | Unset, data)

        consent = _parse_consent(d.pop("consent", UNSET))

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

        def _parse_preview_id(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        preview_id = _parse_preview_id(d.pop("preview_id", UNSET))

        create_payment_in = cls(
            plan_code=plan_code,
            return_url=return_url,
            save_payment_method=save_payment_method,
            consent=consent,
            receipt_contact=receipt_contact,
            preview_id=preview_id,
        )

        create_payment_in.additional_properties = d
        return create_payment_in

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
