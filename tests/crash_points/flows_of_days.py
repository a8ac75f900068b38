"""Days by hand, photos of a day, what operators decide, what goes out: all without a call to the provider."""

import asyncio
from datetime import UTC, datetime

from billing_service.alarms import service as alarms
from billing_service.audit.service import Deed
from billing_service.charging import service as charging
from billing_service.events import service as events
from billing_service.grant_batches import service as grant_batches
from billing_service.grant_batches.queries import Audience
from billing_service.grant_batches.service import Wish
from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.operations import clock_watch, retention, weekly_digest
from billing_service.payment_methods.rotation import seal_anew
from billing_service.receipts import service as receipts
from billing_service.resolutions import service as resolutions
from billing_service.resolutions.decisions import Decision, Verb
from billing_service.subscriptions import service as subscriptions
from tests.crash_points.flows_of_money import THREE, in_silence, nothing, ordered, paid
from tests.crash_points.flows_of_renewals import kept, renewing
from tests.crash_points.world import DEED, Flow, World
from tests.events.receiver import Json, Says
from tests.resolutions.test_resolving import OURS, a_stray
from tests.stage import USER

BY = Deed("cli", DEED["author"], DEED["reason"], "")
OTHER = 2002
OUTAGE = Wish("outage", Audience("these three", user_ids=THREE), "PRO_MONTHLY", 2)


async def gives(world: World) -> None:
    await world.say(
        "POST", f"users/{USER}/grants/", DEED | {"plan_code": "PRO_MONTHLY", "days": 3}, Idempotency_Key="one"
    )


async def given(world: World) -> None:
    await gives(world)
    await world.know("grant", "SELECT id FROM grants")


async def takes_back(world: World) -> None:
    await world.say("POST", f"grants/{world.facts['grant']}/revoke/", DEED)


async def gives_to_many(world: World) -> None:
    batch = await grant_batches.begin(world.services, OUTAGE, BY)
    async for _ in grant_batches.give(world.services, batch, BY):
        pass


async def takes_back_from_many(world: World) -> None:
    batch = await grant_batches.find(world.services, OUTAGE.name)
    async for _ in grant_batches.revoke(world.services, batch, BY):
        pass


async def erases(world: World) -> None:
    await world.say("DELETE", f"users/{USER}/", DEED)


async def moves(world: World) -> None:
    await world.say("POST", f"users/{USER}/move-to/{OTHER}/", DEED)


async def reserves(world: World) -> None:
    await world.say(
        "POST", f"users/{USER}/usage/reserve", {"operation_id": "one", "amount": 2, "ttl_seconds": 600}
    )


async def commits(world: World) -> None:
    await world.say("POST", "usage/operations/one/commit", {"amount": 1}, ok=(200, 409))


async def extends(world: World) -> None:
    await world.say("POST", "usage/operations/one/extend", {"ttl_seconds": 900}, ok=(200, 409))


async def releases(world: World) -> None:
    await world.say("POST", "usage/operations/one/release", ok=(200, 409))


async def consumes(world: World) -> None:
    await world.say("POST", f"users/{USER}/usage/consume", {"operation_id": "one"})


async def consumed(world: World) -> None:
    await consumes(world)


async def sets_back(world: World) -> None:
    await world.say("POST", f"users/{USER}/usage/reset", DEED)


async def decided_elsewhere(world: World) -> None:
    await world.know("today", "SELECT (billing_now() AT TIME ZONE 'Europe/Moscow')::date")


async def reports(world: World) -> None:
    """What was decided without us is reported afterwards."""
    told = {"operation_id": "one", "decided_on": world.facts["today"]}
    await world.say("POST", f"users/{USER}/usage/consume", told)


async def an_end_is_due(world: World) -> None:
    await gives(world)
    await world.clock.advance(days=4)


async def tells_ends(world: World) -> None:
    await subscriptions.tell_ends(world.services)


async def something_to_tell(world: World) -> None:
    await paid(world)


async def tells(world: World) -> None:
    await world.deliver()


async def told_once(world: World) -> None:
    await paid(world)
    await world.deliver()
    await world.know("event", "SELECT id FROM outbox_events ORDER BY written_no LIMIT 1")


async def tells_again(world: World) -> None:
    await world.say("POST", f"events/{world.facts['event']}/replay/", ok=(202,))
    await world.deliver()


async def not_taken(world: World) -> None:
    await paid(world)
    takes_none(world)


def takes_none(world: World) -> None:
    """The receiver fails once."""
    left = [Says(500)]

    async def answer(_event: Json) -> Says:
        return left.pop() if left else Says()

    assert world.receiver is not None
    world.receiver.answer = answer


async def told_again_in_vain(world: World) -> None:
    await told_once(world)
    takes_none(world)


async def tells_all_again(world: World) -> None:
    await world.deliver()
    ever = datetime(2020, 1, 1, tzinfo=UTC), datetime(2099, 1, 1, tzinfo=UTC)
    await events.replay_all(world.services, *ever)
    await world.deliver()


async def stops_charging(world: World) -> None:
    await charging.stop(world.services, BY)


async def starts_charging(world: World) -> None:
    await charging.start(world.services, BY)


async def a_stray_is_paid(world: World) -> None:
    await in_silence(world)
    world.facts["stray"] = await a_stray(world.services, world.office, **OURS)


async def decides_to_grant(world: World) -> None:
    await resolutions.resolve(world.services, Decision(world.facts["stray"], Verb.GRANT, BY))


async def decides_to_refund(world: World) -> None:
    await resolutions.resolve(world.services, Decision(world.facts["stray"], Verb.REFUND, BY))


async def seals_anew(world: World) -> None:
    await seal_anew(world.services)
    await receipts.seal_anew(world.services)


async def tells_the_week(world: World) -> None:
    await weekly_digest.tell(world.services)


async def tells_conditions(world: World) -> None:
    raise_alarm(Alarm.PROVIDER_REFUSES_OUR_KEY, error_id="one")
    await alarms.tell_conditions(world.services)


async def asks_far_too_late(world: World) -> None:
    """As a clock that was ahead leaves it behind."""
    await ordered(world)
    far = "UPDATE payments SET next_ask_at = billing_now() + interval '10 days'"
    await world.services.statements.fetch(far)


async def watches_the_clock(world: World) -> None:
    await clock_watch.look(world.services, {})
    await clock_watch.give_back_lost_time(world.services)


async def forgets(world: World) -> None:
    await retention.forget_old(world.services, asyncio.Event())


FLOWS = (
    Flow("a grant", nothing, gives, {"grants": {(USER, "True"): 1}, "days": {(USER, "3"): 1}}),
    Flow("a grant is revoked", given, takes_back, {"grants": {(USER, "False"): 1}, "days": {(USER, "0"): 1}}),
    Flow("a grant to many", nothing, gives_to_many, {"grants": {(user, "True"): 1 for user in THREE}}),
    Flow(
        "a grant to many is revoked",
        gives_to_many,
        takes_back_from_many,
        {"grants": {(user, "False"): 1 for user in THREE}},
    ),
    Flow(
        "an erasure",
        renewing,
        erases,
        {"methods": {(USER, "REFUSED"): 1}, "days": {(USER, "30"): 1}},
        grows=frozenset({"audited"}),
    ),
    Flow(
        "a user becomes another number",
        renewing,
        moves,
        {"days": {(OTHER, "30"): 1}, "paid": {(OTHER, "299.00"): 1}, "methods": {(OTHER, "ACTIVE"): 1}},
    ),
    Flow("a photo is reserved", nothing, reserves, {"used": {}, "operations": {(USER, "held"): 1}}),
    Flow("a reserved photo is counted", reserves, commits, {"used": {(USER, "1"): 1}}),
    Flow("a reserved photo is held for longer", reserves, extends, {"used": {}}),
    Flow("a reserved photo is released", reserves, releases, {"used": {}}),
    Flow("a photo is counted at once", nothing, consumes, {"used": {(USER, "1"): 1}}),
    Flow(
        "a photo that was decided elsewhere is reported",
        decided_elsewhere,
        reports,
        {"used": {(USER, "1"): 1}},
    ),
    Flow("the photos of a day are set back", consumed, sets_back, {"used": {}}, grows=frozenset({"audited"})),
    Flow("an end of access is told", an_end_is_due, tells_ends, {"days": {(USER, "3"): 1}}),
    Flow("events are published and delivered", something_to_tell, tells, {"days": {(USER, "30"): 1}}),
    Flow("an event is told again", told_once, tells_again, {"days": {(USER, "30"): 1}}),
    Flow("an event that is not taken is tried again", not_taken, tells, {"days": {(USER, "30"): 1}}),
    Flow(
        "an event that is told again and not taken",
        told_again_in_vain,
        tells_again,
        {"days": {(USER, "30"): 1}},
    ),
    Flow("events of a time are told again", told_once, tells_all_again, {"days": {(USER, "30"): 1}}),
    Flow("charging is stopped", nothing, stops_charging, {"stops": {(None, "operator"): 1}}),
    Flow("charging is started", stops_charging, starts_charging, {"stops": {}}, grows=frozenset({"audited"})),
    Flow(
        "a stray payment is granted",
        a_stray_is_paid,
        decides_to_grant,
        {"days": {(USER, "30"): 1}, "paid": {(USER, "299.00"): 1}},
    ),
    Flow("a stray payment goes back", a_stray_is_paid, decides_to_refund, {"days": {(USER, "0"): 1}}),
    Flow("what is sealed is sealed anew", kept, seals_anew, {}),
    Flow("the week is told", paid, tells_the_week, {}),
    Flow("the clock is watched", asks_far_too_late, watches_the_clock, {"paid": {}}),
    Flow("what is old is forgotten", paid, forgets, {"days": {(USER, "30"): 1}}),
    Flow("an alarm about a condition is told", nothing, tells_conditions, {}),
)
