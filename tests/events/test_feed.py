"""The feed: everything in one order, for whoever asks; and once more what was asked for."""

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from billing_service.kit.db import Database
from billing_service.services import Services
from tests.events.receiver import Receiver, Says, deliver, receiving, told_of
from tests.events.test_delivery import happen, saying
from tests.events.told import publish
from tests.ledger import value
from tests.stage import USER, Clock, MainBackend

OTHER = 1002


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def test_who_asks_again_and_again_reads_everything_once(api: MainBackend, services: Services) -> None:
    await happen(services, *[USER, OTHER] * 4)
    await publish(services)
    read, after = [], 0
    while True:
        page = (await api.internal("GET", f"events?after={after}&limit=3")).json()
        if not page["results"]:
            break
        read += page["results"]
        after = page["next_cursor"]

    assert [event["feed_no"] for event in read] == list(range(1, 9))
    assert (after, page["next_cursor"]) == (8, 8)


async def test_what_is_posted_is_what_stands_in_the_feed(
    api: MainBackend, services: Services, receiver: Receiver
) -> None:
    await happen(services, USER)
    await deliver(told_of(services, receiver))

    assert (await api.internal("GET", "events")).json()["results"] == receiver.heard


async def test_an_event_is_in_the_feed_also_when_nobody_receives_it(
    api: MainBackend, services: Services, receiver: Receiver
) -> None:
    saying(receiver, Says(410), Says(500))
    await happen(services, USER, OTHER)
    await deliver(told_of(services, receiver))

    assert len((await api.internal("GET", "events")).json()["results"]) == 2


@pytest.mark.parametrize(
    "asked", ["after=-1", "limit=0", "limit=501", "after=x", "after=9223372036854775808"]
)
async def test_what_is_no_place_in_the_feed_is_refused(api: MainBackend, asked: str) -> None:
    assert (await api.internal("GET", f"events?{asked}")).status_code == 422


async def test_an_event_is_sent_once_more_as_it_was_and_its_line_goes_on(
    api: MainBackend, services: Services, receiver: Receiver, database: Database
) -> None:
    services = told_of(services, receiver)
    await happen(services, USER, USER)
    await deliver(services)
    first = receiver.heard[0]

    asked = [await api.internal("POST", f"events/{first['id']}/replay") for _ in range(2)]
    await deliver(services)

    assert [one.status_code for one in asked] == [202, 202]
    assert receiver.heard[2:] == [first]
    assert await value(database, "SELECT count(*) FROM event_replays") == 0


async def test_a_replay_that_fails_is_tried_again(
    api: MainBackend, services: Services, receiver: Receiver, clock: Clock
) -> None:
    services = told_of(services, receiver)
    await happen(services, USER)
    await deliver(services)
    await api.internal("POST", f"events/{receiver.heard[0]['id']}/replay")
    saying(receiver, Says(500))
    await deliver(services)
    await clock.advance(seconds=10)
    await deliver(services)

    assert receiver.heard_of(USER) == [1, 1, 1]


async def test_an_event_that_there_is_not_cannot_be_sent_once_more(api: MainBackend) -> None:
    response = await api.internal("POST", f"events/{uuid4()}/replay")

    assert (response.status_code, response.json()["error"]["code"]) == (404, "EVENT_NOT_FOUND")
