from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast

from attrs import define as _attrs_define

from ..models.access import Access, check_access
from ..types import UNSET, Unset

if TYPE_CHECKING:
    from ..models.strict_receipt_contact_in import StrictReceiptContactIn


T = TypeVar("T", bound="RefundIn")


@_attrs_define
class RefundIn:
    """How much goes back, why, and who says so.

    Attributes:
        reason (str):
        author (str):
        amount (None | str | Unset): In roubles; all that is left if it is missing.
        access (Access | None | Unset): What happens to the access that was paid for, once the refund succeeds: `keep`
            takes none, `cut_prorata` the unused days that the money bought, `cut_all` all unused days, and auto-renewal. As
            configured if it is missing.
        receipt_contact (None | StrictReceiptContactIn | Unset): Where the receipt goes that a part needs in a shop
            which fiscalises; what is known of the user, if it is missing.
    """

    reason: str
    author: str
    amount: None | str | Unset = UNSET
    access: Access | None | Unset = UNSET
    receipt_contact: None | StrictReceiptContactIn | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        from ..models.strict_receipt_contact_in import StrictReceiptContactIn  # noqa: PLC0415

        reason = self.reason

        author = self.author

        amount: None | str | Unset
        if isinstance(self.amount, Unset):
            amount = UNSET
        else:
            amount = self.amount

        access: None | str | Unset
        if isinstance(self.access, Unset):
            access = UNSET
        elif isinstance(self.access, str):
            access = self.access
        else:
            access = self.access

        receipt_contact: dict[str, Any] | None | Unset
        if isinstance(self.receipt_contact, Unset):
            receipt_contact = UNSET
        elif isinstance(self.receipt_contact, StrictReceiptContactIn):
            receipt_contact = self.receipt_contact.to_dict()
        else:
            receipt_contact = self.receipt_contact

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "reason": reason,
                "author": author,
            }
        )
        if amount is not UNSET:
            field_dict["amount"] = amount
        if access is not UNSET:
            field_dict["access"] = access
        if receipt_contact is not UNSET:
            field_dict["receipt_contact"] = receipt_contact

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.strict_receipt_contact_in import StrictReceiptContactIn  # noqa: PLC0415

        d = dict(src_dict)
        reason = d.pop("reason")

        author = d.pop("author")

        def _parse_amount(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        amount = _parse_amount(d.pop("amount", UNSET))

        def _parse_access(data: object) -> Access | None | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                access_type_0 = check_access(data)

                return access_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(Access | None | Unset, data)

        access = _parse_access(d.pop("access", UNSET))

        def _parse_receipt_contact(data: object) -> None | StrictReceiptContactIn | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                receipt_contact_type_0 = StrictReceiptContactIn.from_dict(data)

                return receipt_contact_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | StrictReceiptContactIn | Unset, data)

        receipt_contact = _parse_receipt_contact(d.pop("receipt_contact", UNSET))

        refund_in = cls(
            reason=reason,
            author=author,
            amount=amount,
            access=access,
            receipt_contact=receipt_contact,
        )

        return refund_in
