from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

from attrs import define as _attrs_define
from attrs import field as _attrs_field

if TYPE_CHECKING:
    from ..models.user_state_out import UserStateOut


T = TypeVar("T", bound="NowOut")


@_attrs_define
class NowOut:
    """The user now, and the sentences that explain it.

    Attributes:
        text (str):
        state (UserStateOut): Everything about one user at the instant `as_of`.

            `access_until` is when access ends, or has ended; null without any. `is_paid`: the plan in force is PRO, bought
            or
            given. `auto_renew` is the user's wish. `next_charge` and `no_charge_because` are those of `subscription/`: with
            both, it is planned and something has to come first: its day (`NOT_DUE`), or that the payer is told
            (`NOT_TOLD`).
    """

    text: str
    state: UserStateOut
    additional_properties: dict[str, Any] = _attrs_field(init=False, factory=dict)

    def to_dict(self) -> dict[str, Any]:
        text = self.text

        state = self.state.to_dict()

        field_dict: dict[str, Any] = {}
        field_dict.update(self.additional_properties)
        field_dict.update(
            {
                "text": text,
                "state": state,
            }
        )

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        from ..models.user_state_out import UserStateOut  # noqa: PLC0415

        d = dict(src_dict)
        text = d.pop("text")

        state = UserStateOut.from_dict(d.pop("state"))

        now_out = cls(
            text=text,
            state=state,
        )

        now_out.additional_properties = d
        return now_out

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
