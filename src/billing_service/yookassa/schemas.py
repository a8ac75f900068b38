"""How YooKassa's objects look to us: what we act on; of a card only what its owner is shown, so that nothing leaks."""

import re
from collections.abc import Iterable
from decimal import Decimal
from functools import partial
from typing import Annotated, Generic, Self, TypeVar

from pydantic import (
    AliasPath,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PrivateAttr,
    SecretStr,
    StrictStr,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from billing_service.kit.money import from_wire

OBJECT_ID = re.compile(r"[0-9A-Za-z_-]{1,64}")
Item = TypeVar("Item")
_string = TypeAdapter(StrictStr).validate_python


def _strings_only(metadata: object) -> object:
    """Another system's odd metadata must not make its payment unreadable; ours are always strings."""
    if not isinstance(metadata, dict):
        return {}
    return {key: value for key, value in metadata.items() if isinstance(value, str)}


def _fitting(shape: re.Pattern[str], value: object) -> str | None:
    return value if isinstance(value, str) and shape.fullmatch(value) else None


_id = partial(_fitting, OBJECT_ID)


class _Seen(BaseModel):
    """Lenient: unknown fields are dropped, unknown values stay strings. Errors never quote what was read."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Amount(_Seen):
    """Roubles with two places, beside their currency."""

    value: Annotated[Decimal, BeforeValidator(from_wire), BeforeValidator(_string)]
    currency: str


NOTHING = Amount.model_validate({"value": "0.00", "currency": "RUB"})


class Unreadable(_Seen):
    """An object of a list that does not look like one of its kind; by its id, if that can be told."""

    id: Annotated[str | None, BeforeValidator(_id)] = None

    @model_validator(mode="before")
    @classmethod
    def _whatever_it_is(cls, item: object) -> object:
        return item if isinstance(item, dict) else {}


REGISTRATIONS = frozenset({"pending", "succeeded", "canceled"})


def _registration(word: object) -> str | None:
    """Or None: a word invented since says nothing that could be acted on."""
    return word if isinstance(word, str) and word in REGISTRATIONS else None


Registration = Annotated[str | None, BeforeValidator(_registration)]


class Refund(_Seen):
    """Money that goes back, as the provider reports it: all of a payment or a part.

    `status` is one of `pending`, `succeeded`, `canceled`, or a word invented since. `description` is what the payer
    is shown. `receipt_registration` is `pending`, `succeeded` or `canceled`, None without a receipt.
    """

    id: str
    payment_id: str
    status: str
    amount: Amount
    created_at: AwareDatetime
    description: str | None = None
    receipt_registration: Registration = None
    metadata: Annotated[dict[str, str], BeforeValidator(_strings_only)] = {}
    cancellation_party: str | None = Field(None, validation_alias=AliasPath("cancellation_details", "party"))
    cancellation_reason: str | None = Field(
        None, validation_alias=AliasPath("cancellation_details", "reason")
    )


def _readable_money(money: object) -> Amount | None:
    """Or None: a figure that nothing depends on must not make a payment unreadable."""
    try:
        return Amount.model_validate(money)
    except ValidationError:
        return None


def _none_or_readable(money: object) -> Amount | None:
    return NOTHING if money is None else _readable_money(money)


CARD = "bank_card"
DIGITS, FOUR_DIGITS = re.compile(r"[0-9][0-9 ]{5,}(?=[0-9]{4})"), re.compile(r"[0-9]{4}")
MONTH, YEAR = re.compile(r"0?[1-9]|1[0-2]"), re.compile(r"20[0-9]{2}")
METHOD_TYPE = re.compile(r"[a-z][a-z0-9_]{0,39}")


def _shown(title: object) -> str | None:
    """What the owner is shown, with no more of a number in it than its last four digits."""
    if not isinstance(title, str):
        return None
    printable = "".join(one for one in title if one.isprintable())[:100]
    return DIGITS.sub("•••• ", printable) or None


class SavedMethod(_Seen):
    """Something the payer pays with, as far as it can be kept: by `id` it can be charged, so that it is a secret.

    `saved` only if the provider says exactly that it can be charged again. Digits, brand and month are a card's.
    Whatever is odd about it is left out: it must make no payment unreadable.
    """

    id: SecretStr
    type: str
    saved: bool
    title: str | None = Field(None, repr=False)
    card_last4: str | None = Field(None, repr=False)
    card_brand: str | None = Field(None, repr=False)
    expires: str | None = Field(None, repr=False)

    @classmethod
    def of(cls, told: object) -> Self | None:
        """None if nothing could be kept of it."""
        if not isinstance(told, dict) or _id(told.get("id")) is None:
            return None
        kind = _fitting(METHOD_TYPE, told.get("type")) or "unknown"
        told_card = told.get("card")
        card = told_card if kind == CARD and isinstance(told_card, dict) else {}
        year, month = _fitting(YEAR, card.get("expiry_year")), _fitting(MONTH, card.get("expiry_month"))
        return cls(
            id=SecretStr(told["id"]),
            type=kind,
            saved=told.get("saved") is True,
            title=_shown(told.get("title")),
            card_last4=_fitting(FOUR_DIGITS, card.get("last4")),
            card_brand=_shown(card.get("card_type")),
            expires=f"{year}-{month.zfill(2)}" if year and month else None,
        )


def _method(told: object) -> SavedMethod | None:
    return told if isinstance(told, SavedMethod) else SavedMethod.of(told)


class BoundMethod(_Seen):
    """A method whose owner is asked to confirm it: `status` is `pending`, `active`, `inactive`, or invented since.

    `confirmation_url` is there while its owner still has to act.
    """

    method: SavedMethod
    status: str
    account_id: str | None = Field(None, validation_alias=AliasPath("holder", "account_id"))
    metadata: Annotated[dict[str, str], BeforeValidator(_strings_only)] = {}
    confirmation_url: str | None = Field(None, validation_alias=AliasPath("confirmation", "confirmation_url"))

    @model_validator(mode="before")
    @classmethod
    def _of_a_method(cls, told: object) -> object:
        return {**told, "method": SavedMethod.of(told)} if isinstance(told, dict) else told


class Payment(_Seen):
    """A payment as the provider reports it. What it leaves out is None.

    `status` is one of `pending`, `waiting_for_capture`, `succeeded`, `canceled`, or a word invented since.
    `confirmation_url` is there while the payer still has to act. `receipt_registration` is as with refunds.
    `refunded_amount` is what its refunds add up to, None if that cannot be read. `income_amount` is what the provider's
    fee leaves of it.
    """

    id: str
    status: str
    paid: bool
    amount: Amount
    test: bool
    created_at: AwareDatetime
    account_id: str | None = Field(None, validation_alias=AliasPath("recipient", "account_id"))
    captured_at: AwareDatetime | None = None
    receipt_registration: Registration = None
    income_amount: Annotated[Amount | None, BeforeValidator(_readable_money)] = None
    metadata: Annotated[dict[str, str], BeforeValidator(_strings_only)] = {}
    confirmation_url: str | None = Field(None, validation_alias=AliasPath("confirmation", "confirmation_url"))
    cancellation_party: str | None = Field(None, validation_alias=AliasPath("cancellation_details", "party"))
    cancellation_reason: str | None = Field(
        None, validation_alias=AliasPath("cancellation_details", "reason")
    )
    refunded_amount: Annotated[Amount | None, BeforeValidator(_none_or_readable)] = NOTHING
    payment_method: Annotated[SavedMethod | None, BeforeValidator(_method)] = None
    _refunds: tuple[Refund | Unreadable, ...] = PrivateAttr(())

    @property
    def has_refunds(self) -> bool:
        """Whether something of it has gone back, or nobody can tell: the client brings the refunds along then."""
        return self.refunded_amount is None or self.refunded_amount.value > 0

    @property
    def refunds(self) -> tuple[Refund | Unreadable, ...]:
        """Of a payment of which something has gone back: all its refunds, also those under way or canceled."""
        return self._refunds

    def with_refunds(self, refunds: Iterable[Refund | Unreadable]) -> Self:
        """The same payment; the provider tells of its refunds only when it is asked for them."""
        told = self.model_copy()
        told._refunds = tuple(refunds)  # noqa: SLF001 (our own)
        return told


class Page(_Seen, Generic[Item]):
    """A page of a list, the last one without `next_cursor`. An object that cannot be read hides none of the others."""

    items: tuple[Item, ...]
    next_cursor: str | None = None


PaymentPage = Page[Annotated[Payment | Unreadable, Field(union_mode="left_to_right")]]
RefundPage = Page[Annotated[Refund | Unreadable, Field(union_mode="left_to_right")]]


class Account(_Seen):
    """The shop behind the key: whether it is a test shop, whether it must send receipts, and through whom."""

    account_id: str
    test: bool
    fiscalization_enabled: bool = False
    fiscalization_provider: Annotated[str | None, BeforeValidator(partial(_fitting, METHOD_TYPE))] = Field(
        None, validation_alias=AliasPath("fiscalization", "provider")
    )
