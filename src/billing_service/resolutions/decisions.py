"""What a person may decide, and the refusal of what cannot be decided so."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from billing_service.audit.service import Deed


class Verb(StrEnum):
    """The payer gets, or keeps, the days; or his money goes back; or neither: it is known, and nothing is done."""

    GRANT = "grant"
    REFUND = "refund"
    DISMISS = "dismiss"


class Because(StrEnum):
    """Why something cannot be decided so, and what can be done; the command line's words."""

    IN_DOUBT = "nobody knows yet whether YooKassa has it: it is being asked about"
    NOT_THERE = "YooKassa has no such payment in this shop: it can only be dismissed"
    STRANGE_MARK = "it is another system's: its mark is no id of ours"
    NO_MARK = "it is another system's: it bears no mark of ours"
    NOT_PAID = "nothing was paid: YooKassa says {status}"
    ANOTHER_SHOP = "it was paid in another shop"
    NO_PLAN = "there is no such plan: {plan_code}; say --plan"
    WHOSE = "the object does not say whose it is or what for: say --user and --plan"
    FOR_NO_PLAN = "it was not for a plan"
    CONFIGURED_WRONG = (
        "YooKassa reports another {differences}: put the configuration right, then it is settled by itself"
    )
    NOT_SETTLED = (
        "it is not settled here, for YooKassa reports another {differences}: "
        "send it back in YooKassa's cabinet, then --dismiss it"
    )
    NOT_SENT_BACK = "YooKassa could not send it back: {reason}"
    NOTHING_STANDS = "no alarm stands about it, and no notification waits"


class Became(StrEnum):
    """What is so once it was decided; the command line's words."""

    HAS_DAYS = "user {user_id} has the {days} days of payment {payment_id}"
    GIVEN_BY_HAND = (
        "user {user_id} was given {days} days by hand; payment {payment_id} stays as it is, "
        "for YooKassa reports another {differences}"
    )
    ALL_GONE_BACK = "all of payment {payment_id} has gone back, or is on its way"
    SENT_BACK = "refund {refund_id} of {amount} {currency} is {state}"
    NOTHING = "nothing was granted nor sent back"
    ENDED = "nothing was granted nor sent back; the charge has ended, and its period may be charged in the shop of now"


@dataclass(frozen=True)
class Said:
    """Which of them, of what."""

    what: Because | Became
    facts: Mapping[str, object]

    def __str__(self) -> str:
        return self.what.value.format(**self.facts)


class CannotResolve(Exception):
    """It cannot be decided so."""

    def __init__(self, because: Because, **facts: object) -> None:
        self.said = Said(because, facts)
        super().__init__(str(self.said))


@dataclass(frozen=True)
class Decision:
    """What a person has decided about the thing with this id: a payment's, ours or the provider's, or a refund's.

    `user_id` and `plan_code` are asked for only where the object itself does not say them.
    """

    subject: str
    verb: Verb
    deed: Deed
    user_id: int | None = None
    plan_code: str | None = None
