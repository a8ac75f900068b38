from __future__ import annotations

import datetime
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar, cast
from uuid import UUID

from attrs import define as _attrs_define
from attrs import field as _attrs_field

from ..models.refund_out_access_type_0 import RefundOutAccessType0, check_refund_out_access_type_0
from ..models.refund_out_status import RefundOutStatus, check_refund_out_status

if TYPE_CHECKING:
    from ..models.refund_cancellation_out import RefundCancellationOut


T = TypeVar("T", bound="RefundOut")


@_attrs_define
class RefundOut:
    """A refund. `author` is null for one that was made in YooKassa's cabinet, and `access` until it has succeeded.

    Attributes:
        refund_id (UUID):
        payment_id (UUID):
        status (RefundOutStatus): `pending` may take days; `canceled`: YooKassa could not send the money; `failed`: it
            refused to.
        amount (str):
        currency (str):
        access (None | RefundOutAccessType0):
        reason (str):
        author (None | str):
        created_at (datetime.datetime): In UTC, ending in `Z`.
        completed_at (datetime.datetime | None):
        cancellation (None | RefundCancellationOut):
    """

    refund_id: UUID
    payment_id: UUID
    status: RefundOutStatus
    amount: str
    currency: str
    access: None | RefundOutAccessType0
    reason: str
    author: None | str
    created_at: datetime.datetime
    completed_at: datetime.datetime | None
    cancellation: None | RefundCancellationOut
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        from ..models.refund_cancellation_out import RefundCancellationOut  # noqa: PLC0415

        refund_id = str(self.refund_id)

        payment_id = str(self.payment_id)

        status: str = self.status

        amount = self.amount

        currency = self.currency

        access: None | str
        if isinstance(self.access, str):
            access = self.access
        else:
            access = self.access

        reason = self.reason

        author: None | str
        author = self.author

        created_at = self.created_at.isoformat()

        completed_at: None | str
        if isinstance(self.completed_at, datetime.datetime):
            completed_at = self.completed_at.isoformat()
        else:
            completed_at = self.completed_at

        cancellation: dict[str, Any] | None
        if isinstance(self.cancellation, RefundCancellationOut):
            cancellation = self.cancellation.to_dict()
        else:
            cancellation = self.cancellation

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "refund_id": refund_id,
                "payment_id": payment_id,
                "status": status,
                "amount": amount,
                "currency": currency,
                "access": access,
                "reason": reason,
                "author": author,
                "created_at": created_at,
                "completed_at": completed_at,
                "cancellation": cancellation,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.refund_cancellation_out import RefundCancellationOut  # noqa: PLC0415

        d = dict(src_dict)
        refund_id = UUID(d.pop("refund_id"))

        payment_id = UUID(d.pop("payment_id"))

        status = check_refund_out_status(d.pop("status"))

        amount = d.pop("amount")

        currency = d.pop("currency")

        def _parse_access(data: object) -> None | RefundOutAccessType0:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                access_type_0 = check_refund_out_access_type_0(data)

                return access_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RefundOutAccessType0, data)

        access = _parse_access(d.pop("access"))

        reason = d.pop("reason")

        def _parse_author(data: object) -> None | str:
            if data is None:
                return data
            return cast(None | str, data)

        author = _parse_author(d.pop("author"))

        created_at = datetime.datetime.fromisoformat(d.pop("created_at"))

        def _parse_completed_at(data: object) -> datetime.datetime | None:
            if data is None:
                return data
            try:
                if not isinstance(data, str):
                    raise TypeError()
                completed_at_type_0 = datetime.datetime.fromisoformat(data)

                return completed_at_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(datetime.datetime | None, data)

        completed_at = _parse_completed_at(d.pop("completed_at"))

        def _parse_cancellation(data: object) -> None | RefundCancellationOut:
            if data is None:
                return data
            try:
                if not isinstance(data, dict):
                    raise TypeError()
                cancellation_type_0 = RefundCancellationOut.from_dict(data)

                return cancellation_type_0
            except (TypeError, ValueError, AttributeError, KeyError):
                pass
            return cast(None | RefundCancellationOut, data)

        cancellation = _parse_cancellation(d.pop("cancellation"))

        refund_out = cls(
            refund_id=refund_id,
            payment_id=payment_id,
            status=status,
            amount=amount,
            currency=currency,
            access=access,
            reason=reason,
            author=author,
            created_at=created_at,
            completed_at=completed_at,
            cancellation=cancellation,
        )

        refund_out.additional_properties = d
        return refund_out

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
