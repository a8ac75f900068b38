"""What happened to one user, the newest first, and what explains now."""

from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from billing_service.kit.transaction import Row
from billing_service.services import Services
from billing_service.timeline import queries
from billing_service.timeline.facts import Fact
from billing_service.timeline.present import explain
from billing_service.timeline.queries import Place
from billing_service.timeline.sentences import tell
from billing_service.user_states import service as user_states
from billing_service.user_states.service import UserState


@dataclass(frozen=True)
class Told:
    """A fact with its sentence. `place` is where it stands among all."""

    place: Place
    fact: Fact
    text: str


@dataclass(frozen=True)
class Timeline:
    """A page of it. `next_before` is where it goes on, None at its end; `now` explains `state`."""

    told: Sequence[Told]
    next_before: Place | None
    state: UserState
    now: str


async def read(services: Services, user_id: int, *, before: Place | None, limit: int) -> Timeline:
    """Facts that happen meanwhile stand before the first page and move nothing of what follows. Never writes."""
    zone = services.settings.billing_timezone
    (state,) = await user_states.list_states(services, [user_id])
    in_force = await queries.get_in_force(services.statements, user_id, state.figures.plan_code)
    rows = await queries.list_facts(services.statements, user_id, before=before, limit=limit + 1)
    told = [_told(row, state, services) for row in rows[:limit]]
    more = len(rows) > limit
    return Timeline(told, told[-1].place if more else None, state, explain(state, in_force, zone))


def _told(row: Row, state: UserState, services: Services) -> Told:
    place = Place(row["at"], row["kind"], row["id"])
    fact = Fact(
        at=place.at,
        kind=place.kind,
        data=orjson.loads(row["data"]),
        now=state.now,
        zone=services.settings.billing_timezone,
    )
    return Told(place, fact, tell(fact))
