"""The shop this sandbox serves: its features, and the habits the provider's documents leave open."""

from typing import Literal

from pydantic import BaseModel, Field

# Seconds after the event at which an undelivered notification is sent again: an old text of the provider's
# support, read as offsets, since then they end just within the promised 24 hours.
RETRY_OFFSETS = [10.0, 42.0, 84.0, 168.0, 672.0, 5376.0, 86016.0]


class Features(BaseModel):
    """What the provider switches on and off for a shop."""

    test: bool = Field(True, description="A test shop marks its objects so.")
    recurring: bool = Field(True, description="May save and charge methods; otherwise 403.")
    fiscalization: bool = Field(False, description="Receipts are demanded and checked.")
    fiscalization_provider: str = Field("yoo_receipt", description="Whose rules receipts are checked by.")
    notify_url: str | None = Field(None, description="Where notifications go.")


class Habits(BaseModel):
    """What nobody has written down about the provider; a client must cope with either."""

    decline_keeps_pending: bool = Field(False, description="A declined payer may try again on the page.")
    offer_saving: bool = Field(False, description="The page offers to save where the shop left it open.")
    unknown_payment: Literal[404, 400] = Field(404, description="The status for an unknown payment.")
    replay: Literal["first", "current"] = Field(
        "first", description="What a repeated key answers: the first snapshot, or the object as it is now."
    )
    meanwhile: Literal["wait", "error_500"] = Field(
        "wait", description="What the same key gets while its first request still runs."
    )
    refusal_uses_key: bool = Field(False, description="A refused request is remembered under its key.")
    canceled_hold_paid: bool = Field(False, description="A canceled hold goes on showing `paid: true`.")
    text_flags: bool = Field(
        True,
        description='The strings "true" and "false" count as booleans: the documentation\'s examples send them.',
    )
    keep_one_rouble: bool = Field(False, description="After a partial refund nothing or 1.00 must be left.")
    retry_offsets: list[float] = Field(
        RETRY_OFFSETS, description="Seconds after the event at which a notification is repeated."
    )


class Shop(Features, Habits):
    account_id: str = "100500"
    gateway_id: str = "100700"
    secret_key: str = "test_sandbox"  # noqa: S105  (known to everybody: it opens a pretend shop)
    oauth_token: str = "test_oauth"  # noqa: S105
