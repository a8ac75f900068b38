"""Whether a subscription renews itself, when, and why not: one pure decision over everything that is known of it.

Whoever acts, shows, previews or forecasts asks here, so that all of them say the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from billing_service.charging.retries import Try, next_try
from billing_service.config import Settings
from billing_service.consents.coverage import Terms, covers

# A notice is written so long before the end at the latest, and so long before it would have to be told.
NOTICE_BEFORE, TIME_TO_TELL = timedelta(days=7), timedelta(days=2)
# An open checkout may still be paid: so long it holds a renewal back, and never beyond the end of access.
CHECKOUT_HOLDS = timedelta(hours=24)
MOST_CHARGES_A_DAY = 2
DAY = timedelta(days=1)
NO_ID_YET = 0
# Whatever nobody tells us of, such as another price, is noticed after this time at the latest.
LOOK_EVERY, LOOK_WHILE_UNTOLD = timedelta(hours=6), timedelta(hours=1)
# Whoever starts charging again wants it done, and the grace of some may end within hours.
LOOK_WHILE_STOPPED = timedelta(minutes=15)


class Step(StrEnum):
    """What is done now."""

    NOTHING = "nothing"
    NOTICE = "notice"
    CHARGE = "charge"


class Because(StrEnum):
    """Why nothing is charged, now or at all."""

    RENEWALS_OFF = "RENEWALS_OFF"
    AUTORENEW_OFF = "AUTORENEW_OFF"
    NOTHING_TO_RENEW = "NOTHING_TO_RENEW"
    RENEWAL_IN_PROGRESS = "RENEWAL_IN_PROGRESS"
    CONSENT_NEEDED = "CONSENT_NEEDED"
    PAYMENT_METHOD_NEEDED = "PAYMENT_METHOD_NEEDED"
    RECEIPT_CONTACT_NEEDED = "RECEIPT_CONTACT_NEEDED"
    DECLINED = "DECLINED"
    NOT_DUE = "NOT_DUE"
    NOT_TOLD = "NOT_TOLD"
    TOO_LATE = "TOO_LATE"
    CHECKOUT_OPEN = "CHECKOUT_OPEN"
    TOO_MANY_TODAY = "TOO_MANY_TODAY"
    CHARGING_STOPPED = "CHARGING_STOPPED"


class Rules(NamedTuple):
    """What an operator may set: `window` before the end of access charging begins, `grace` after it ends, `told` is how
    long a payer must have known."""

    window: timedelta
    grace: timedelta
    told: timedelta

    @classmethod
    def of(cls, settings: Settings) -> "Rules":
        return cls(
            timedelta(hours=settings.renewal_window_hours),
            timedelta(days=settings.renewal_grace_days),
            timedelta(days=settings.renewal_notice_days),
        )

    @property
    def notice_before(self) -> timedelta:
        """How long before the end of access the notice is written."""
        return max(NOTICE_BEFORE, self.window + self.told + TIME_TO_TELL)


class Last(NamedTuple):
    """The last span of PRO that is not empty: access ends with it."""

    id: int
    ends: datetime


class Agreed(NamedTuple):
    """The newest consent that stands."""

    consent_id: UUID
    terms: Terms


class Method(NamedTuple):
    """What would be charged: `sealed_id` is the provider's id, encrypted, `expires` its last month, as 2030-11."""

    id: UUID
    sealed_id: bytes
    title: str | None
    card_last4: str | None
    card_brand: str | None
    expires: str | None


class Noticed(NamedTuple):
    """The newest notice for the period. `is_lost`: its delivery was given up, and nobody reports that it was told; or
    it was written before two users became one."""

    id: UUID
    terms: Terms
    charge_at: datetime
    charge_until: datetime
    told_at: datetime | None
    is_lost: bool = False


@dataclass(frozen=True)
class Facts:
    """Everything that decides about one subscription, read at the instant `now` (UTC).

    `renews_since` is when renewals were last switched on in this installation, None while they are off. `on_sale` is
    the plan of the consent, None if it is not sold. `tries` are the charges for the period so far, the oldest first.
    """

    user_id: int
    now: datetime
    auto_renew: bool
    renews_since: datetime | None
    is_stopped: bool
    last: Last | None
    agreed: Agreed | None
    on_sale: Terms | None
    method: Method | None
    has_receipt_contact: bool
    notice: Noticed | None
    tries: Sequence[Try]
    is_in_flight: bool
    checkout_at: datetime | None
    charged_today: int
    charged_first_at: datetime | None


class Basis(NamedTuple):
    """What a charge stands on, all of it there: `notice` is the newest one, if it names exactly these terms, was not
    lost, and is of a charge within the grace."""

    last: Last
    terms: Terms
    consent_id: UUID
    method: Method
    notice: Noticed | None


class Planned(NamedTuple):
    """A charge as things stand."""

    basis: Basis
    charge_at: datetime


@dataclass(frozen=True)
class Outlook:
    """What is done now, or why nothing is. `planned` is the charge that is coming as things stand, None if none is.

    `look_at` is when to decide anew at the latest, None if only a change can bring anything. A step always has its
    plan.
    """

    step: Step
    because: Because | None = None
    planned: Planned | None = None
    look_at: datetime | None = None

    @property
    def charge_at(self) -> datetime | None:
        return self.planned.charge_at if self.planned else None


def decide(facts: Facts, rules: Rules) -> Outlook:
    """Never charges earlier than the payer was told, later than the grace, beside anything that may still be paid, or
    without everything it stands on."""
    last = facts.last
    if facts.renews_since is None:
        # Who is looked at just while renewals are switched off is not forgotten when they are switched on.
        return Outlook(Step.NOTHING, Because.RENEWALS_OFF, look_at=facts.now + LOOK_WHILE_STOPPED)
    if last is None or last.ends <= facts.renews_since or facts.now > last.ends + rules.grace:
        return Outlook(Step.NOTHING, Because.NOTHING_TO_RENEW if facts.auto_renew else Because.AUTORENEW_OFF)
    basis, look_at = _basis(facts, last, rules), _next_look(facts.now, last.ends, rules)
    if isinstance(basis, Because):
        return Outlook(Step.NOTHING, basis, look_at=look_at)
    not_before = last.ends - rules.window
    if facts.tries:
        again = next_try(facts.tries, basis.method.id)
        if again is None or again > last.ends + rules.grace:
            return Outlook(Step.NOTHING, Because.DECLINED, look_at=look_at)
        not_before = max(not_before, again)
    return _planned(facts, rules, basis, not_before, look_at)


def decide_after(facts: Facts, rules: Rules, ends: datetime) -> Outlook:
    """What will be decided once PRO goes on to `ends`: of that period nothing was told or tried, and no checkout or
    charge of today is open any more."""
    later = replace(
        facts, last=Last(NO_ID_YET, ends), notice=None, tries=(), is_in_flight=False, checkout_at=None
    )
    return decide(later, rules)


def is_in_grace(facts: Facts, rules: Rules) -> bool:
    """Whether PRO is over, and may still be renewed because the user wishes it. It is no access."""
    last, since = facts.last, facts.renews_since
    if last is None or since is None or last.ends <= since:
        return False
    return facts.auto_renew and last.ends <= facts.now <= last.ends + rules.grace


def _basis(facts: Facts, last: Last, rules: Rules) -> Basis | Because:
    """What the charge would stand on, or what somebody would have to bring or to end first."""
    agreed, sold, method = facts.agreed, facts.on_sale, facts.method
    if not facts.auto_renew:
        return Because.AUTORENEW_OFF
    if facts.is_in_flight:
        return Because.RENEWAL_IN_PROGRESS
    if agreed is None or sold is None or not covers(agreed.terms, sold):
        return Because.CONSENT_NEEDED
    if method is None:
        return Because.PAYMENT_METHOD_NEEDED
    if not facts.has_receipt_contact:
        return Because.RECEIPT_CONTACT_NEEDED
    notice = facts.notice
    if notice is not None and (
        notice.terms != sold or notice.is_lost or notice.charge_at > last.ends + rules.grace
    ):
        notice = None
    return Basis(last, sold, agreed.consent_id, method, notice)


def _planned(
    facts: Facts, rules: Rules, basis: Basis, not_before: datetime, look_at: datetime | None
) -> Outlook:
    """Everything is there: is it time to tell the payer, was he told, may he be charged?"""
    notice, until = basis.notice, basis.last.ends + rules.grace
    soonest = max(not_before, facts.now + rules.told)
    if notice is None:
        if facts.now < basis.last.ends - rules.notice_before:
            return Outlook(Step.NOTHING, Because.NOT_DUE, Planned(basis, not_before), look_at)
        if soonest >= until:
            return Outlook(Step.NOTHING, Because.TOO_LATE, look_at=look_at)
        return Outlook(Step.NOTICE, Because.NOT_TOLD, Planned(basis, soonest), look_at)
    if notice.told_at is None:
        later = max(soonest, notice.charge_at)
        look_at = _sooner(look_at, facts.now + LOOK_WHILE_UNTOLD)
        if later > notice.charge_until:
            return Outlook(Step.NOTHING, Because.TOO_LATE, look_at=look_at)
        return Outlook(Step.NOTHING, Because.NOT_TOLD, Planned(basis, later), look_at)
    told = max(not_before, notice.charge_at, notice.told_at + rules.told)
    return _covered(facts, basis, notice, told, look_at)


def _covered(
    facts: Facts, basis: Basis, notice: Noticed, charge_at: datetime, look_at: datetime | None
) -> Outlook:
    """The payer was told, and the time is known: is there anything in the way?"""
    held, full = _held_until(facts, basis.last), _full_until(facts)
    reasons = ((Because.NOT_DUE, charge_at), (Because.CHECKOUT_OPEN, held), (Because.TOO_MANY_TODAY, full))
    in_the_way = next((why for why, until in reasons if until and until > facts.now), None)
    charge_at = max(at for at in (charge_at, held, full) if at)
    if charge_at > notice.charge_until:
        return Outlook(Step.NOTHING, Because.TOO_LATE, look_at=look_at)
    if in_the_way:
        return Outlook(Step.NOTHING, in_the_way, Planned(basis, charge_at), _sooner(look_at, charge_at))
    if facts.is_stopped:
        look_at = _sooner(look_at, facts.now + LOOK_WHILE_STOPPED)
        return Outlook(Step.NOTHING, Because.CHARGING_STOPPED, look_at=look_at)
    return Outlook(Step.CHARGE, None, Planned(basis, charge_at), look_at)


def _held_until(facts: Facts, last: Last) -> datetime | None:
    """Until when an open checkout may still be paid in place of the renewal."""
    return facts.checkout_at and min(facts.checkout_at + CHECKOUT_HOLDS, last.ends)


def _full_until(facts: Facts) -> datetime | None:
    if facts.charged_today < MOST_CHARGES_A_DAY or facts.charged_first_at is None:
        return None
    return facts.charged_first_at + DAY


def _next_look(now: datetime, ends: datetime, rules: Rules) -> datetime | None:
    """Nothing happens before the time of the notice; then at each edge, and now and then."""
    edges = (ends - rules.notice_before, ends, ends + rules.grace)
    ahead = next((edge for edge in edges if edge > now), None)
    return ahead if ahead == edges[0] else _sooner(ahead, now + LOOK_EVERY)


def _sooner(one: datetime | None, other: datetime) -> datetime:
    return other if one is None else min(one, other)
