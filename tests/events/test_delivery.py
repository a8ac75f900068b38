"""Events arrive signed, each user's in order, nobody's late because of another's, and none is lost."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from structlog.testing import capture_logs

from billing_service.events import queries
from billing_service.events import service as events
from billing_service.events.retries import GIVE_UP_AFTER, LONGEST_PAUSE, pause_after
from billing_service.events.sender import told_in
from billing_service.kit.db import Database
from billing_service.services import Services
from billing_service.subscriptions import service as subscriptions
from tests.events.receiver import (
    NEXT_SECRET,
    SECRET,
    Json,
    Receiver,
    Says,
    a_worker,
    deliver,
    receiving,
    told_of,
)
from tests.ledger import rows, value
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off

OTHER = 1002


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


async def happen(services: Services, *users: int) -> None:
    """Something happens to each of these users, one after the other."""
    for user in users:
        async with services.statements.transaction() as tx:
            await subscriptions.lock(tx, user)
            await events.record(tx, "subscription.autorenew_changed", user, {"enabled": True})


def saying(receiver: Receiver, *answers: Says, user: int | None = None) -> None:
    """To a user's events, or everybody's, these answers in turn, and then yes."""
    left = list(answers)

    async def answer(event: Json) -> Says:
        return left.pop(0) if left and user in {None, event["user_id"]} else Says()

    receiver.answer = answer


async def test_what_happened_arrives_signed_and_is_done(
    services: Services, receiver: Receiver, database: Database
) -> None:
    services = told_of(services, receiver)
    await happen(services, USER)

    await deliver(services)
    await deliver(services)

    (event,) = receiver.heard
    assert (event["type"], event["user_id"], event["user_seq"]) == ("subscription.autorenew_changed", USER, 1)
    assert await value(database, "SELECT outcome FROM outbox_events") == "delivered"


@pytest.mark.parametrize("known", [SECRET, NEXT_SECRET])
async def test_while_the_secret_is_changed_the_receiver_may_have_either(
    services: Services, receiver: Receiver, known: str
) -> None:
    receiver.secret = known
    await happen(services, USER)

    await deliver(told_of(services, receiver, NEXT_SECRET, SECRET))

    assert len(receiver.heard) == 1


async def test_a_receiver_with_another_secret_does_not_believe_us(
    services: Services, receiver: Receiver, database: Database
) -> None:
    receiver.secret = NEXT_SECRET
    await happen(services, USER)

    await deliver(told_of(services, receiver))

    assert (receiver.heard, receiver.refused) == ([], 1)
    assert await value(database, "SELECT outcome FROM outbox_events") is None


async def test_a_users_events_wait_for_the_one_that_fails_and_nobody_elses_do(
    services: Services, receiver: Receiver, clock: Clock
) -> None:
    services = told_of(services, receiver)
    saying(receiver, Says(500), user=USER)
    await happen(services, USER, USER, OTHER, USER, OTHER)

    await deliver(services)
    before = receiver.heard_of(USER), receiver.heard_of(OTHER)
    await clock.advance(seconds=10)
    await deliver(services)

    assert before == ([1], [1, 2])
    assert receiver.heard_of(USER) == [1, 1, 2, 3]


@pytest.mark.parametrize("status", [301, 307, 400, 404, 429, 500, 503])
async def test_no_other_answer_is_taken_for_a_yes(
    services: Services, receiver: Receiver, database: Database, status: int
) -> None:
    saying(receiver, Says(status, headers={"location": receiver.url}))
    await happen(services, USER)

    await deliver(told_of(services, receiver))

    assert len(receiver.heard) == 1
    assert await value(database, "SELECT outcome FROM outbox_events") is None


async def test_gone_is_final_for_that_event_and_the_next_one_is_sent(
    services: Services, receiver: Receiver, database: Database
) -> None:
    saying(receiver, Says(410))
    await happen(services, USER, USER)

    await deliver(told_of(services, receiver))

    outcomes = await rows(database, "SELECT outcome FROM outbox_events ORDER BY feed_no")
    assert [one["outcome"] for one in outcomes] == ["gone", "delivered"]


async def test_after_three_days_without_a_receiver_everything_arrives_in_order(
    services: Services, receiver: Receiver, clock: Clock
) -> None:
    down = Receiver(url="http://127.0.0.1:9/events")
    for _ in range(24):
        await happen(services, USER, OTHER)
        await deliver(told_of(services, down))
        await clock.advance(hours=3)

    await clock.advance(seconds=LONGEST_PAUSE.total_seconds())
    await deliver(told_of(services, receiver))

    assert receiver.heard_of(USER) == receiver.heard_of(OTHER) == list(range(1, 25))


async def test_after_four_days_of_tries_it_is_given_up_with_an_alarm_and_the_next_one_has_its_own_four(
    services: Services, receiver: Receiver, clock: Clock, database: Database
) -> None:
    services = told_of(services, receiver)
    saying(receiver, *[Says(500)] * 1000)
    await happen(services, USER, USER)
    with capture_logs() as lines:
        for _ in range(10):
            await deliver(services)
            await clock.advance(hours=12)

    raised = [line for line in lines if line["event"] == "alarm.raised"]
    assert [(line["kind"], line["because"]) for line in raised] == [("event_not_delivered", "500")]
    outcomes = await rows(database, "SELECT outcome FROM outbox_events ORDER BY feed_no")
    assert [one["outcome"] for one in outcomes] == ["dead", None]
    saying(receiver)
    await deliver(services)
    assert receiver.heard_of(USER)[-1] == 2


def test_the_tries_become_rarer_but_never_rarer_than_one_an_hour() -> None:
    pauses = [pause_after(attempt) for attempt in range(1, 200)]

    assert timedelta(seconds=3) < pauses[0] < timedelta(seconds=7)
    assert max(pauses) <= LONGEST_PAUSE < timedelta(minutes=76)
    assert len(set(pauses[10:])) > 100
    assert timedelta(days=4) == GIVE_UP_AFTER


async def test_who_is_slow_for_some_users_takes_half_of_the_places_at_most(
    services: Services, receiver: Receiver, clock: Clock
) -> None:
    services = told_of(services, receiver, events_in_flight=4)
    slow, release = {1, 2, 3, 4, 5, 6}, asyncio.Event()
    saying(receiver, *[Says(500)] * 6)
    await happen(services, *slow)
    await deliver(services)
    await clock.advance(seconds=10)

    async def answer(event: Json) -> Says:
        if event["user_id"] in slow:
            await release.wait()
        return Says()

    receiver.answer = answer
    async with a_worker(services) as delivery, a_worker(services) as another:
        await asyncio.gather(delivery.look(), another.look())
        await happen(services, *range(100, 110))
        while len([one for one in receiver.heard if one["user_id"] >= 100]) < 10:
            await asyncio.gather(delivery.look(), another.look())
            await asyncio.sleep(0.01)
        assert receiver.on_their_way == 2
        release.set()
    assert receiver.most_at_once <= 4


async def test_no_more_than_were_allowed_are_on_their_way_however_many_workers(
    services: Services, receiver: Receiver
) -> None:
    services = told_of(services, receiver, events_in_flight=3)
    release = asyncio.Event()

    async def answer(_event: Json) -> Says:
        await release.wait()
        return Says()

    receiver.answer = answer
    await happen(services, *range(1, 11))
    async with a_worker(services) as one, a_worker(services) as two, a_worker(services) as three:
        for _ in range(5):
            await asyncio.gather(one.look(), two.look(), three.look())
            await asyncio.sleep(0.02)
        assert receiver.on_their_way == 3
        release.set()


async def test_no_connection_of_the_pool_is_held_while_the_receiver_says_nothing(
    services: Services, receiver: Receiver, api: MainBackend
) -> None:
    services = told_of(services, receiver)
    release = asyncio.Event()

    async def answer(_event: Json) -> Says:
        await release.wait()
        return Says()

    receiver.answer = answer
    await happen(services, *range(1, 21))
    async with a_worker(services) as delivery:
        await delivery.look()
        while receiver.on_their_way < 20:  # noqa: ASYNC110 (the receiver's doing)
            await asyncio.sleep(0.01)
        answers = await asyncio.gather(*(api.consume(user=user) for user in range(1, 21)))
        async with asyncio.timeout(5):
            idle = [
                await value(
                    services.db,
                    """SELECT count(*) FROM pg_stat_activity
                    WHERE state = 'idle in transaction' AND datname = current_database() AND query ~ 'event_'""",
                )
            ]
        release.set()
    assert {one.status_code for one in answers} == {200}
    assert idle == [0]


async def test_one_connection_carries_many_events(services: Services, receiver: Receiver) -> None:
    await happen(services, *[USER] * 10)

    await deliver(told_of(services, receiver))

    assert (receiver.heard_of(USER), receiver.connections) == (list(range(1, 11)), 1)


async def test_who_dies_between_the_post_and_writing_it_down_leaves_it_to_be_sent_again(
    services: Services, receiver: Receiver, clock: Clock
) -> None:
    services = told_of(services, receiver)
    await happen(services, USER, USER)
    async with services.statements.transaction() as tx:
        await queries.look(
            services.statements, lease=timedelta(seconds=30), longest_pause=LONGEST_PAUSE, limit=9
        )
        await queries.claim(
            tx, queries.FIRST_TRIES, lease=timedelta(seconds=30), longest_pause=LONGEST_PAUSE, limit=9
        )
    await deliver(services)
    meanwhile = list(receiver.heard)
    await clock.advance(seconds=31)
    await deliver(services)

    assert meanwhile == []
    assert receiver.heard_of(USER) == [1, 2]


async def test_a_line_steps_over_what_was_forgotten_before_it_could_be_sent(
    services: Services, receiver: Receiver
) -> None:
    services = told_of(services, receiver)
    await happen(services, USER, USER, OTHER)
    await services.statements.fetch("SELECT publish_events(10)")
    await services.statements.fetch(
        "DELETE FROM outbox_events WHERE user_id = $1 OR user_id = $2 AND user_seq = 1", OTHER, USER
    )

    await deliver(services)
    await happen(services, OTHER)
    await deliver(services)

    assert (receiver.heard_of(USER), receiver.heard_of(OTHER)) == ([2], [2])


async def test_an_instant_that_a_wrong_clock_left_behind_stops_nothing(
    services: Services, receiver: Receiver, clock: Clock
) -> None:
    services = told_of(services, receiver)
    await clock.advance(days=30)
    saying(receiver, Says(500), user=USER)
    await happen(services, USER, OTHER)
    await deliver(services)
    await clock.advance(days=-30)

    await deliver(services)

    assert receiver.heard_of(USER) == [1, 1]


async def test_what_the_receiver_says_of_the_user_is_kept(
    services: Services, receiver: Receiver, database: Database
) -> None:
    saying(receiver, Says(body=b'{"delivered": {"channel": "telegram", "at": "2026-11-27T12:00:00+03:00"}}'))
    await happen(services, USER, USER)

    await deliver(told_of(services, receiver))

    ids = [one["id"] for one in await rows(database, "SELECT id FROM outbox_events ORDER BY feed_no")]
    async with services.statements.transaction() as tx:
        told = [await events.get_told(tx, event_id) for event_id in ids]
    assert told[1] is None
    assert told[0] is not None
    assert (told[0].channel, told[0].at) == ("telegram", datetime(2026, 11, 27, 9, tzinfo=UTC))


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"ok", b"[]", b"null", b"{}", b"\xff\xfe", b'{"delivered": true}', b'{"delivered": {}}'),
        b'{"delivered": {"channel": "telegram", "at": "2026-11-27T12:00:00"}}',
        b'{"delivered": {"channel": "", "at": "2026-11-27T12:00:00Z"}}',
        b'{"delivered": {"channel": "%s", "at": "2026-11-27T12:00:00Z"}}' % (b"x" * 101),
        b'{"delivered": {"channel": "bot", "at": "2026-11-27T12:00:00Z"}, "more": "%s"}' % (b"x" * 5000),
        b"[" * 4000,
        b'{"delivered": {"channel": "bot\\u0000", "at": "2026-11-27T12:00:00Z"}}',
        b'{"delivered": {"channel": "bot", "at": "0001-01-01T00:00:00+14:00"}}',
    ],
)
async def test_any_other_body_of_a_yes_says_nothing_and_is_a_yes_all_the_same(
    services: Services, receiver: Receiver, database: Database, body: bytes
) -> None:
    saying(receiver, Says(body=body))
    await happen(services, USER)

    await deliver(told_of(services, receiver))

    assert told_in(body) is None
    assert await value(database, "SELECT (outcome, answer)::text FROM outbox_events") == "(delivered,)"


async def test_a_receiver_that_is_down_makes_no_purchase_slower_and_loses_nothing(
    api: MainBackend, office: BackOffice, services: Services, receiver: Receiver, clock: Clock
) -> None:
    down = Receiver(url="http://127.0.0.1:9/events")
    await office.pay(await api.buy())
    await work_off(services)
    await deliver(told_of(services, down))
    pro = (await api.me())["plan_code"]
    await clock.advance(minutes=1)
    await deliver(told_of(services, receiver))

    assert pro == "PRO_MONTHLY"
    assert [one["type"] for one in receiver.heard] == ["subscription.activated", "payment.succeeded"]
