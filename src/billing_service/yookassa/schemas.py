"""How YooKassa's objects look to us: what we act on, and nothing of the card, so that it cannot leak."""

import json
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated

from pydantic import (
    AliasPath,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictStr,
    TypeAdapter,
    model_validator,
)

from billing_service.kit.money import from_wire, to_wire

OBJECT_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_string = TypeAdapter(StrictStr).validate_python


def _strings_only(metadata: object) -> object:
    """Another system's odd metadata must not make its payment unreadable; ours are always strings."""
    if not isinstance(metadata, dict):
        return {}
    return {key: value for key, value in metadata.items() if isinstance(value, str)}


def _id(value: object) -> str | None:
    return value if isinstance(value, str) and OBJECT_ID.fullmatch(value) else None


class _Seen(BaseModel):
    """Lenient: unknown fields are dropped, unknown values stay strings. Errors never quote what was read."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Amount(_Seen):
    """Roubles with two places, beside their currency."""

    value: Annotated[Decimal, BeforeValidator(from_wire), BeforeValidator(_string)]
    currency: str


class Payment(_Seen):
    """A payment as the provider reports it. What it leaves out is None.

    `status` is one of `pending`, `waiting_for_capture`, `succeeded`, `canceled`, or a word invented since.
    `confirmation_url` is there while the payer still has to act.
    """

    id: str
    status: str
    paid: bool
    amount: Amount
    test: bool
    created_at: AwareDatetime
    account_id: str | None = Field(None, validation_alias=AliasPath("recipient", "account_id"))
    captured_at: AwareDatetime | None = None
    metadata: Annotated[dict[str, str], BeforeValidator(_strings_only)] = {}
    confirmation_url: str | None = Field(None, validation_alias=AliasPath("confirmation", "confirmation_url"))
    cancellation_party: str | None = Field(None, validation_alias=AliasPath("cancellation_details", "party"))
    cancellation_reason: str | None = Field(
        None, validation_alias=AliasPath("cancellation_details", "reason")
    )


class Unreadable(_Seen):
    """An object of a list that does not look like one of its kind; by its id, if that can be told."""

    id: Annotated[str | None, BeforeValidator(_id)] = None

    @model_validator(mode="before")
    @classmethod
    def _whatever_it_is(cls, item: object) -> object:
        return item if isinstance(item, dict) else {}


class PaymentPage(_Seen):
    """A page of a list, the last one without `next_cursor`. An object that cannot be read hides none of the others."""

    items: tuple[Annotated[Payment | Unreadable, Field(union_mode="left_to_right")], ...]
    next_cursor: str | None = None


class Account(_Seen):
    """The shop behind the key: whether it is a test shop, and whether it must send receipts."""

    account_id: str
    test: bool
    fiscalization_enabled: bool = False


def new_payment_body(
    *, amount: Decimal, currency: str, description: str, return_url: str, metadata: Mapping[str, str]
) -> bytes:
    """The request for a one-stage payment, confirmed on the provider's own page; the card is not saved.

    The same arguments always give the same bytes. Keep them beside the idempotence key and send exactly them
    again: the provider refuses a key that comes with another body. The description is cut to the 128
    characters the provider takes; an amount or metadata it would not take raise ValueError.
    """
    _check_metadata(metadata)
    request = {
        "amount": {"value": to_wire(amount), "currency": currency},
        "capture": True,
        "confirmation": {"type": "redirect", "return_url": return_url},
        "description": description[:128],
        "metadata": dict(metadata),
        "save_payment_method": False,
    }
    return json.dumps(request, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _check_metadata(metadata: Mapping[str, str]) -> None:
    if len(metadata) > 16:
        raise ValueError("metadata takes at most 16 keys")
    for key, value in metadata.items():
        if len(key) > 32 or len(value) > 512:
            raise ValueError(f"metadata takes keys of 32 and values of 512 characters at most: {key[:32]}")
