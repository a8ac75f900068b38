from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from attrs import define as _attrs_define

from ..types import UNSET, Unset

T = TypeVar("T", bound="ReceiptIn")


@_attrs_define
class ReceiptIn:
    """The receipt that «Мой налог» gave, and who entered it there. Of a return: of the receipt that was annulled.

    Attributes:
        number (str):
        author (str):
        link (None | str | Unset): Where the receipt is shown, on a site of the tax office; the payer sees it.
    """

    number: str
    author: str
    link: None | str | Unset = UNSET

    def to_dict(self) -> dict[str, Any]:
        number = self.number

        author = self.author

        link: None | str | Unset
        if isinstance(self.link, Unset):
            link = UNSET
        else:
            link = self.link

        field_dict: dict[str, Any] = {}

        field_dict.update(
            {
                "number": number,
                "author": author,
            }
        )
        if link is not UNSET:
            field_dict["link"] = link

        return field_dict

    @classmethod
    def from_dict(cls: type[T], src_dict: Mapping[str, Any]) -> T:
        d = dict(src_dict)
        number = d.pop("number")

        author = d.pop("author")

        def _parse_link(data: object) -> None | str | Unset:
            if data is None:
                return data
            if isinstance(data, Unset):
                return data
            return cast(None | str | Unset, data)

        link = _parse_link(d.pop("link", UNSET))

        receipt_in = cls(
            number=number,
            author=author,
            link=link,
        )

        return receipt_in
