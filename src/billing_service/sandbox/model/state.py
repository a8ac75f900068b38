"""Everything a restart must not forget, and the file it is kept in."""

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError

from billing_service.sandbox.model.cards import BankCard
from billing_service.sandbox.model.clock import Dial, Moment
from billing_service.sandbox.model.faults import Rule
from billing_service.sandbox.model.objects import Webhook
from billing_service.sandbox.model.records import MethodRecord, PaymentRecord, ReceiptRecord, RefundRecord
from billing_service.sandbox.model.shop import Shop


class Remembered(BaseModel):
    """The answer once given under an idempotence key."""

    fingerprint: str
    status: int
    answer: dict[str, Any]
    first_seen: Moment


class Timer(BaseModel):
    """Something that happens to an object by itself when the time comes; earlier and older ones first."""

    at: Moment
    number: int
    kind: str
    object_id: str

    def __lt__(self, other: "Timer") -> bool:
        return (self.at, self.number) < (other.at, other.number)


class Attempt(BaseModel):
    """One delivery of a notification: the HTTP status it got, or the name of the failure."""

    at: Moment
    outcome: str


class Notification(BaseModel):
    """One message to the shop: a snapshot of the object at the event, and what became of it.

    `due` will be tried at `next_at`; `delivered` got its 200; `given_up` after a day of attempts; `lost` by a
    fault; `unaddressed` because the shop has no URL.
    """

    id: str
    number: int
    event: str
    object_id: str
    url: str | None
    body: dict[str, Any]
    happened_at: Moment
    state: Literal["due", "delivered", "given_up", "lost", "unaddressed"] = "due"
    next_at: Moment | None = None
    fault: str | None = None
    attempts: list[Attempt] = Field(default_factory=list)


class LoggedRequest(BaseModel):
    """One call of the API, without credentials and card data."""

    at: Moment
    operation: str | None
    method: str
    path: str
    query: dict[str, str]
    idempotence_key: str | None
    body: dict[str, Any] | None
    status: int | None
    fault: str | None = None


class State(BaseModel):
    seed: int = 0
    minted: dict[str, int] = Field(default_factory=dict)
    dial: Dial = Field(default_factory=Dial)
    shop: Shop = Field(default_factory=Shop)
    payments: dict[str, PaymentRecord] = Field(default_factory=dict)
    methods: dict[str, MethodRecord] = Field(default_factory=dict)
    refunds: dict[str, RefundRecord] = Field(default_factory=dict)
    receipts: dict[str, ReceiptRecord] = Field(default_factory=dict)
    tokens: dict[str, BankCard] = Field(default_factory=dict)
    webhooks: dict[str, Webhook] = Field(default_factory=dict)
    remembered: dict[str, Remembered] = Field(default_factory=dict)
    timers: list[Timer] = Field(default_factory=list)
    notifications: list[Notification] = Field(default_factory=list)
    requests: list[LoggedRequest] = Field(default_factory=list)
    rules: list[Rule] = Field(default_factory=list)


class UnreadableState(Exception):
    """The state file cannot be read, or was written by something else, or by another version."""


def load(path: Path | None) -> State | None:
    """What was saved there, or None when nothing was. Raises UnreadableState."""
    try:
        if path is None or not path.exists():
            return None
        return State.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UnreadableState(f"{path} cannot be read: {error.strerror}") from error
    except ValidationError as error:
        raise UnreadableState(
            f"{path} is not the state of this sandbox; move it away to start anew"
        ) from error


def save(state: State, path: Path | None) -> None:
    """Replace the file in one step, so that a crash leaves the old one or the new one."""
    if path is None:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(path.name + ".new")
    beside.write_text(state.model_dump_json())
    os.replace(beside, path)  # noqa: PTH105  (the one call whose atomicity is promised)
