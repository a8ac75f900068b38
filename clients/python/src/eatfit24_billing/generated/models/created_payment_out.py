from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.created_payment_out_not_saved_because_type_0 import (
    CreatedPaymentOutNotSavedBecauseType0,
    check_created_payment_out_not_saved_because_type_0,
)
from ..models.created_payment_out_status import CreatedPaymentOutStatus, check_created_payment_out_status

T = TypeVar("T", bound="CreatedPaymentOut")


@_attrs_define
class CreatedPaymentOut:
    """Send the payer to `confirmation_url`; ask `payments/{payment_id}/` when they come back.

    Attributes:
        payment_id (UUID):
        yookassa_payment_id (str):
        status (CreatedPaymentOutStatus): `pending` for a new one; a repeat answers what became of it.
        confirmation_url (None | str): Null once it can no longer be paid: `payments/{payment_id}/` says why.
        method_will_be_saved (bool):
        not_saved_because (CreatedPaymentOutNotSavedBecauseType0 | None): Null when saving was not asked for, or will be
            done. `CONSENT_REQUIRED`: ask the user.
    """

    payment_id: UUID
    yookassa_payment_id: str
    status: CreatedPaymentOutStatus
    confirmation_url: None | str
    method_will_be_saved: bool
    not_saved_because: CreatedPaymentOutNotSavedBecauseType0 | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        payment_id = str(self.payment_id)

        yookassa_payment_id = self.yookassa_payment_id

        status: str = self.status

        confirmation_url: None | str
        confirmation_url = self.confirmation_url

        method_will_be_saved = self.method_will_be_saved

        not_saved_because: None | str
        if isinstance(self.not_saved_because, str):
            not_saved_because = self.not_saved_because
        else:
            not_saved_because = self.not_saved_because

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "payment_id": payment_id,
                "yookassa_payment_id": yookassa_payment_id,
                "status": status,
                "confirmation_url": confirmation_url,
                "method_will_be_saved": method_will_be_saved,
                "not_saved_because": not_saved_because,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        payment_id = UUID(d.pop("payment_id"))

        yookassa_payment_id = d.pop("yookassa_payment_id")

        status = check_created_payment_out_status(d.pop("status"))

        def _parse_confirmation_url(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        confirmation_url = _parse_confirmation_url(d.pop("confirmation_url"))

        method_will_be_saved = d.pop("method_will_be_saved")

        def _parse_not_saved_because(data: object) -> CreatedPaymentOutNotSavedBecauseType0 | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                not_saved_because_type_0 = check_created_payment_out_not_saved_because_type_0(data)

                return not_saved_because_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CreatedPaymentOutNotSavedBecauseType0 | None, data)

        not_saved_because = _parse_not_saved_because(d.pop("not_saved_because"))

        created_payment_out = cls(
            payment_id=payment_id,
            yookassa_payment_id=yookassa_payment_id,
            status=status,
            confirmation_url=confirmation_url,
            method_will_be_saved=method_will_be_saved,
            not_saved_because=not_saved_because,
        )

        created_payment_out.additional_properties = d
        return created_payment_out

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
