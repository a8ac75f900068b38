"""Every kind of event, as data: what stands in it, and whether it carries the state of the user. A new kind is a row.

An event of a kind only ever gains fields; what takes one away or gives it another meaning raises `schema`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Annotated, Any, Literal, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from billing_service.kit.wire import Roubles, UtcTime

SCHEMA = 1
Cause = Literal["payment", "grant", "import"]


def _open(schema: dict[str, Any]) -> None:
    """We write nothing that is not described; a receiver takes what a later release adds."""
    schema.pop("additionalProperties", None)


class Described(BaseModel):
    model_config = ConfigDict(extra="forbid", json_schema_extra=_open)


class Data(Described):
    """What an event says beside its envelope."""


class Method(Described):
    """The saved payment method: nothing of a card but its last four digits."""

    title: str | None
    card_mask: str | None
    card_brand: str | None
    expires: str | None


class Span(Described):
    """Access under one plan, `ends` excluded."""

    plan: str
    begins: UtcTime
    ends: UtcTime


class State(Described):
    """The user's whole subscription at that instant; the newest one that was told is true until the next.

    `access_until` is when PRO ends, or has ended; null without any. `plan` is in force at that instant, and `spans` say
    which one is later: those that are not over, the first 20 of them. After the last one the plan is FREE.
    """

    plan: str
    access_until: UtcTime | None
    auto_renew: bool
    payment_method: Method | None
    spans: list[Span]


class PeriodData(Data):
    """A span of access that was laid or moved. `payment_id` is what bought it, null for given days."""

    plan: str
    days: int
    cause: Cause
    payment_id: UUID | None
    begins: UtcTime
    ends: UtcTime


class ShortenedData(Data):
    """Access ends earlier. `payment_id` is the payment whose days were cut, if they were bought."""

    seconds: Annotated[int, Field(description="How much earlier.", ge=0)]
    access_until_before: UtcTime
    plan: str
    cause: Cause
    payment_id: UUID | None


class EndedData(Data):
    """Access is over: the user is on FREE."""

    ended_at: UtcTime


class AutorenewData(Data):
    enabled: bool


class ImportedData(Data):
    """The user was known before there were events; `state` is what was found."""


class MovedData(Data):
    """Everything of `from_user_id` is `to_user_id`'s from now on. Told once for either number: `state` is what the one
    that the event is of has now, which is nothing for the old one."""

    from_user_id: int
    to_user_id: int


class PaymentData(Data):
    """`purpose` is PLAN for a purchase; `is_test`: of a test shop, where no money moves."""

    payment_id: UUID
    purpose: Literal["PLAN", "BINDING"]
    plan: str | None
    days: int | None
    amount: Roubles
    currency: str
    is_recurring: bool
    is_test: bool


class PaidData(PaymentData):
    paid_at: UtcTime


class Cancellation(Described):
    """Who ended it and why, in the provider's words."""

    party: str | None
    reason: str | None


class CanceledData(PaymentData):
    cancellation: Cancellation


class RefundedData(Data):
    """Money went back. `refunded_amount` is all that went back of the payment so far, this refund included."""

    refund_id: UUID
    payment_id: UUID
    amount: Roubles
    currency: str
    refunded_amount: Roubles
    is_full: bool
    access: Literal["keep", "cut_prorata", "cut_all"]
    seconds_cut: Annotated[int, Field(ge=0)]
    is_test: bool


class LimitReachedData(Data):
    """The last photo of this day was taken, or the last of another `feature`; where none is named, of photos."""

    plan: str
    daily_limit: int
    date: date
    resets_at: UtcTime
    feature: str = "photo_ai"


class ReceiptData(Data):
    """A receipt of money that moved is not registered a day later, or will never be: a person must look. `refund_id` is
    null for the receipt of the payment itself."""

    payment_id: UUID
    refund_id: UUID | None
    registration: Literal["pending", "canceled"]
    amount: Roubles
    currency: str


class AlarmData(Data):
    """A person must look; `facts` are ids, amounts and states. What to do stands in docs/operations.md.

    `subject` is the id of the thing it is about; null for a condition, which is told once an hour while it lasts.
    """

    alarm: str
    subject: str | None
    facts: dict[str, Any]


class WeeklyDigestData(Data):
    """Figures of the last week, from Monday to Monday in the service's time zone, of the shop that is in force."""

    week_begins: UtcTime
    week_ends: UtcTime
    payments: int
    amount: Roubles
    payments_canceled: int
    payments_failed: int
    refunds: int
    refunded_amount: Roubles
    access_begun: int
    access_ended: int
    alarms: int
    notifications: int
    notifications_failed: int


class MethodSavedData(Data):
    """Kept with a purchase or bound without one; `type` is the provider's word, such as bank_card."""

    type: str
    title: str | None
    card_mask: str | None
    card_brand: str | None
    expires: str | None


class MethodRefusedData(Data):
    """The user's word that nothing of his is charged again. `receipt_id` names it."""

    receipt_id: UUID
    refused_at: UtcTime


class RenewalData(Data):
    """What a renewal charges: `plan` for `days`."""

    plan: str
    days: int
    amount: Roubles
    currency: str


class RenewalUpcomingData(RenewalData):
    """The payer must be told this before he is charged. Nothing is charged unless the answer to this event says that he
    was: `{"delivered": {"channel", "at"}}`, or `notices/{notice_id}/delivered/` does later.

    Charged between `charge_at` and `charge_until`, at the earliest some days after he was told. `text` and
    `how_to_cancel` are what he can be shown, in Russian.
    """

    notice_id: UUID
    access_until: UtcTime
    charge_at: UtcTime
    charge_until: UtcTime
    text: str
    how_to_cancel: str


class RenewalFailedData(RenewalData):
    """A charge was declined. `next_try_at` is null if it is not tried again by itself with this method; `text` is what
    the payer can be shown, in Russian."""

    payment_id: UUID
    reason: str | None
    reaction: Literal["never", "spaced", "soon", "ask"]
    text: str
    tries: int
    next_try_at: UtcTime | None
    charge_until: UtcTime


class GraceStartedData(Data):
    """Access is over, and the subscription is still tried to be renewed until `grace_until`."""

    ended_at: UtcTime
    grace_until: UtcTime
    because: str | None


class ConsentNeededData(Data):
    """The subscription cannot renew itself: what the user agreed to does not cover the plan as it is now, whose terms
    are null if it is not sold any more. `agreed_amount` and `agreed_days` are null if he agreed to nothing."""

    access_until: UtcTime
    plan: str | None
    amount: Roubles | None
    currency: str | None
    days: int | None
    agreed_amount: Roubles | None
    agreed_days: int | None


class MethodExpiringData(Data):
    """The card ends before the next charge. `expires` is its last month."""

    title: str | None
    card_mask: str | None
    card_brand: str | None
    expires: str
    charge_at: UtcTime


class KindOfEvent(NamedTuple):
    """`title` says what happened, `data` what stands in the event. `with_state`: it carries the user's state, and
    whoever records it holds the user's lock. Without a user it is about the service itself."""

    title: str
    data: type[Data]
    with_state: bool = True
    of_user: bool = True


KINDS: Mapping[str, KindOfEvent] = {
    "subscription.activated": KindOfEvent("Access begins: the user had none", PeriodData),
    "subscription.extended": KindOfEvent("Access lasts longer, or its spans moved", PeriodData),
    "subscription.shortened": KindOfEvent("Access ends earlier than was told", ShortenedData),
    "subscription.ended": KindOfEvent("Access is over", EndedData),
    "subscription.autorenew_changed": KindOfEvent("Auto-renewal was switched on or off", AutorenewData),
    "subscription.imported": KindOfEvent("What a user had before there were events", ImportedData),
    "subscription.moved": KindOfEvent("A user has become another number", MovedData),
    "subscription.renewal_upcoming": KindOfEvent("The payer is to be told of a charge", RenewalUpcomingData),
    "subscription.renewal_failed": KindOfEvent(
        "A charge for the next period was declined", RenewalFailedData
    ),
    "subscription.grace_started": KindOfEvent("Access is over, and renewal is still tried", GraceStartedData),
    "subscription.consent_needed": KindOfEvent("The user must agree before it renews", ConsentNeededData),
    "payment.succeeded": KindOfEvent("Money came in", PaidData),
    "payment.canceled": KindOfEvent("A payment will not take place", CanceledData),
    "payment.refunded": KindOfEvent("Money went back", RefundedData),
    "payment_method.saved": KindOfEvent("A payment method is kept for renewals", MethodSavedData),
    "payment_method.refused": KindOfEvent("Payment methods were refused, for good", MethodRefusedData),
    "payment_method.ended": KindOfEvent("A payment method cannot be charged any more", MethodSavedData),
    "payment_method.expiring": KindOfEvent("The saved card ends before the next charge", MethodExpiringData),
    "usage.limit_reached": KindOfEvent(
        "The last photo of today, or the last of another feature, was taken",
        LimitReachedData,
        with_state=False,
    ),
    "receipt.not_registered": KindOfEvent(
        "The tax office has not got a receipt", ReceiptData, with_state=False
    ),
    "billing.alarm": KindOfEvent("A person must look", AlarmData, with_state=False, of_user=False),
    "billing.weekly_digest": KindOfEvent(
        "Figures of the week", WeeklyDigestData, with_state=False, of_user=False
    ),
}
