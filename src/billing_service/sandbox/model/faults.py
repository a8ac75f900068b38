"""Faults by rule: which call or notification goes wrong, how, how often.

A rule is used at most `count` times and, each time, with `probability`, thrown with the sandbox's seeded
dice: the same seed and the same calls meet the same faults. The first rule that fits and fires strikes.
"""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from billing_service.sandbox.model.clock import LONGEST_WAIT
from billing_service.sandbox.model.ids import Ids


class Fault(StrEnum):
    """What can go wrong."""

    # with the answer to a call
    LOST_BEFORE = "lost_before"
    LOST_AFTER = "lost_after"
    DROP = "drop"
    SLOW = "slow"
    ERROR_500 = "error_500"
    HTML_502 = "html_502"
    TOO_MANY = "too_many"
    PROCESSING = "processing"
    GONE = "gone"
    REFUSAL = "refusal"
    # with what a call does
    NOT_SAVED = "not_saved"
    STAY_PENDING = "stay_pending"
    DECLINE = "decline"
    # with a notification
    LOSE = "lose"
    DOUBLE = "double"
    DELAY = "delay"
    REORDER = "reorder"
    EARLY = "early"
    WRONG_AMOUNT = "wrong_amount"
    FORGE = "forge"
    UNKNOWN_FIELDS = "unknown_fields"
    UNKNOWN_EVENT = "unknown_event"


IN_THE_ANSWER = frozenset(
    {
        Fault.LOST_BEFORE,
        Fault.LOST_AFTER,
        Fault.DROP,
        Fault.SLOW,
        Fault.ERROR_500,
        Fault.HTML_502,
        Fault.TOO_MANY,
        Fault.PROCESSING,
        Fault.GONE,
        Fault.REFUSAL,
    }
)
IN_THE_OUTCOME = frozenset({Fault.STAY_PENDING, Fault.DECLINE})
IN_THE_EFFECT = IN_THE_OUTCOME | {Fault.NOT_SAVED}
IN_NOTIFICATIONS = frozenset(Fault) - IN_THE_ANSWER - IN_THE_EFFECT
# The steps that are no calls of the API and can go wrong all the same.
NOTIFICATION = "notification"
REGISTER_RECEIPT = "register_receipt"


class Rule(BaseModel):
    """One order to go wrong.

    `operation` is an operation's name, `notification`, `register_receipt`, or `*` for whatever the fault fits.
    `seconds` is how long a slow answer takes, how long a lost one hangs, how late a notification or an outcome
    is, or what `Retry-After` says. `when` says whether the fault comes before or after the effect, where the
    fault's name does not. `reason` is why a `decline` declines or a `refusal` refuses and, with `stay_pending`,
    how the wait ends.
    """

    model_config = ConfigDict(extra="forbid")

    operation: str = "*"
    fault: Fault
    count: int | None = Field(default=None, ge=1)
    probability: float = Field(default=1.0, ge=0, le=1)
    seconds: float | None = Field(default=None, ge=0, le=LONGEST_WAIT)
    when: Literal["before", "after"] = "before"
    reason: str | None = None
    used: int = Field(default=0, description="How often it struck; counted by the sandbox.")

    @property
    def spent(self) -> bool:
        return self.count is not None and self.used >= self.count


def strike(rules: list[Rule], ids: Ids, operation: str, kinds: frozenset[Fault]) -> Rule | None:
    """The rule that hits this step with one of these faults, counted; None when all goes well."""
    for rule in rules:
        if rule.spent or rule.fault not in kinds or rule.operation not in {operation, "*"}:
            continue
        if rule.probability < 1 and ids.roll() >= rule.probability:
            continue
        rule.used += 1
        return rule
    return None
