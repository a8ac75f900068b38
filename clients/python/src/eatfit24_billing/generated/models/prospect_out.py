from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.prospect_out_access_type_0 import ProspectOutAccessType0, check_prospect_out_access_type_0

if TYPE_CHECKING:
    from ..models.case_out import CaseOut


T = TypeVar("T", bound="ProspectOut")


@_attrs_define
class ProspectOut:
    """What would become of it now.

    Attributes:
        payment_id (UUID):
        refundable (str): What would go back: all that is left; 0.00 if nothing can.
        currency (None | str): Null if nothing can go back.
        access (None | ProspectOutAccessType0): What would happen to the access that was paid for; null if nothing can
            go back.
        access_seconds_taken (int): Of the access, if it were sent back now.
        can_be_requested (bool): Something can go back, and no request is open.
        request (CaseOut | None): The newest one.
    """

    payment_id: UUID
    refundable: str
    currency: None | str
    access: None | ProspectOutAccessType0
    access_seconds_taken: int
    can_be_requested: bool
    request: CaseOut | None
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.case_out import CaseOut  # noqa: PLC0415

        payment_id = str(self.payment_id)

        refundable = self.refundable

        currency: None | str
        currency = self.currency

        access: None | str
        if isinstance(self.access, str):
            access = self.access
        else:
            access = self.access

        access_seconds_taken = self.access_seconds_taken

        can_be_requested = self.can_be_requested

        request: dict[str, Any] | None
        if isinstance(self.request, CaseOut):
            request = self.request.to_dict()
        else:
            request = self.request

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "payment_id": payment_id,
                "refundable": refundable,
                "currency": currency,
                "access": access,
                "access_seconds_taken": access_seconds_taken,
                "can_be_requested": can_be_requested,
                "request": request,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.case_out import CaseOut  # noqa: PLC0415

        d = dict(src_dict)
        payment_id = UUID(d.pop("payment_id"))

        refundable = d.pop("refundable")

        def _parse_currency(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        currency = _parse_currency(d.pop("currency"))

        def _parse_access(data: object) -> None | ProspectOutAccessType0:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                access_type_0 = check_prospect_out_access_type_0(data)

                return access_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | ProspectOutAccessType0, data)

        access = _parse_access(d.pop("access"))

        access_seconds_taken = d.pop("access_seconds_taken")

        can_be_requested = d.pop("can_be_requested")

        def _parse_request(data: object) -> CaseOut | None:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                request_type_0 = CaseOut.from_dict(data)

                return request_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(CaseOut | None, data)

        request = _parse_request(d.pop("request"))

        prospect_out = cls(
            payment_id=payment_id,
            refundable=refundable,
            currency=currency,
            access=access,
            access_seconds_taken=access_seconds_taken,
            can_be_requested=can_be_requested,
            request=request,
        )

        prospect_out.additional_properties = d
        return prospect_out

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
