"""What the client takes for an event of the service, and what for somebody else's."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from eatfit24_billing import EventReceiver, ForgedEvent, ReplayedEvent
from tests.events.receiver import NEXT_SECRET, SECRET

BODY = json.dumps({"id": "5f0e2f52", "type": "payment.succeeded"}).encode()


def signed(secret: str = SECRET, *, body: bytes = BODY, ago: float = 0) -> dict[str, str]:
    at = datetime.now(UTC) - timedelta(seconds=ago)
    return {
        "Webhook-Id": "5f0e2f52",
        "Webhook-Timestamp": str(int(at.timestamp())),
        "Webhook-Signature": Webhook(secret).sign("5f0e2f52", at, body.decode()),
    }


@pytest.fixture
def receiver() -> EventReceiver:
    return EventReceiver([SECRET])


def test_what_we_signed_is_taken(receiver: EventReceiver) -> None:
    assert receiver.verify(BODY, signed()) == json.loads(BODY)


def test_a_copy_of_a_delivery_is_refused_and_a_further_try_of_the_service_is_not(
    receiver: EventReceiver,
) -> None:
    earlier = signed(ago=30)
    receiver.verify(BODY, earlier)

    with pytest.raises(ReplayedEvent):
        receiver.verify(BODY, earlier)
    receiver.verify(BODY, signed())


def test_a_copy_is_refused_by_every_process_that_shares_a_memory() -> None:
    shared: set[str] = set()

    def remember(delivery: str, seconds: int) -> bool:
        assert seconds >= 600
        known = delivery in shared
        shared.add(delivery)
        return not known

    delivery = signed()
    EventReceiver([SECRET], remember=remember).verify(BODY, delivery)

    with pytest.raises(ReplayedEvent):
        EventReceiver([SECRET], remember=remember).verify(BODY, delivery)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (BODY, lambda: signed(NEXT_SECRET)),
        (BODY + b" ", signed),
        (BODY, lambda: signed(ago=301)),
        (BODY, lambda: signed(ago=-301)),
        (BODY, dict),
        (BODY, lambda: signed() | {"Webhook-Timestamp": "yesterday"}),
        (BODY, lambda: signed() | {"Webhook-Signature": "v1"}),
        (BODY, lambda: signed() | {"Webhook-Id": "another"}),
        (b"[1]", lambda: signed(body=b"[1]")),
        (b'{"id": "another"}', lambda: signed(body=b'{"id": "another"}')),
    ],
    ids=[
        "other secret",
        "changed",
        "old",
        "ahead",
        "unsigned",
        "no time",
        "no signature",
        "renamed",
        "no event",
        "of another id",
    ],
)
def test_what_is_not_ours_is_refused(
    receiver: EventReceiver, body: bytes, headers: Callable[[], dict[str, str]]
) -> None:
    with pytest.raises(ForgedEvent):
        receiver.verify(body, headers())


def test_both_secrets_are_taken_while_they_are_changed() -> None:
    changing = EventReceiver([NEXT_SECRET, SECRET])

    changing.verify(BODY, signed(SECRET))
    changing.verify(BODY, signed(NEXT_SECRET, ago=1))


def test_what_was_refused_is_not_remembered(receiver: EventReceiver) -> None:
    genuine = signed()
    with pytest.raises(ForgedEvent):
        receiver.verify(BODY + b" ", genuine)

    receiver.verify(BODY, genuine)
