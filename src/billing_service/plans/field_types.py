"""What may be said of a plan: the type of each of its fields, as whoever decides what is sold writes it."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from billing_service.kit.money import from_wire


def _a_price(price: str) -> str:
    if from_wire(price) == 0:
        raise ValueError("a plan that is sold costs something")
    return price


def _besides_photos(feature: str) -> str:
    if feature == "photo_ai":
        raise ValueError("the limit of photos is daily_photo_limit")
    return feature


def _text(longest: int) -> StringConstraints:
    return StringConstraints(
        strip_whitespace=True, min_length=1, max_length=longest, pattern=r"^[^\x00-\x1f\x7f]*$"
    )


Price = Annotated[
    str,
    StringConstraints(pattern=r"^[0-9]{1,6}(\.[0-9]{1,2})?$"),
    AfterValidator(_a_price),
    Field(description="Roubles, with two places at most; above 0."),
]
OldPrice = Annotated[Price | None, Field(description="Shown struck through; above the price, or null.")]
# A payment is described by the name, a receipt's item by the description: both have 128 characters at YooKassa.
DisplayName = Annotated[str, _text(100)]
Description = Annotated[str, _text(128), Field(description="What a receipt says was sold.")]
Days = Annotated[int, Field(ge=1, le=3660, strict=True, description="Of 24 hours each.")]
PhotoLimit = Annotated[
    Annotated[int, Field(ge=0, le=1_000_000, strict=True)] | None, Field(description="Null means unlimited.")
]
Feature = Annotated[
    str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$"), AfterValidator(_besides_photos)
]
DailyLimits = Annotated[
    dict[Feature, PhotoLimit],
    Field(
        description="Of everything besides photos, by feature: how many a day, null means unlimited. What is not named "
        "is no part of the plan. All of them at once: what was named before and is not now is gone.",
        max_length=40,
    ),
]
HistoryDays = Annotated[int, Field(ge=-1, le=36525, strict=True, description="-1 means all of it.")]
VatCode = Annotated[
    Annotated[int, Field(ge=1, le=12, strict=True)] | None,
    Field(description="Of its receipts; null means the configured one. docs/receipts.md has the codes."),
]
Flag = Annotated[bool, Field(strict=True)]
