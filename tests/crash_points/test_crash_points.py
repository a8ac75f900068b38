"""kill -9 before and after every commit and every call, of every flow: another process goes on, and it comes out right.

The points are found by running each flow once in a process that notes what it comes by (`points`). In every run
somebody dies in some of the flows, drawn by a seed, CRASH_SEED brings it back; `make proofs` dies at each point three
times over: somebody asks again soon, nobody does, or nobody works for thirty hours before.
"""

import os
import random
import signal
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.kit.statement_pool import StatementPool
from tests.crash_points.comeback import SOON, Comeback, books, comebacks, whatever_is_wrong
from tests.crash_points.flows import FLOWS
from tests.crash_points.mortals import mortals
from tests.crash_points.points import QUEUE, READ, Point
from tests.crash_points.sites import NO_FLOW, places_of, sites, why_not
from tests.crash_points.world import Flow
from tests.crash_points.worlds import Ground

SEED = int(os.environ.get("CRASH_SEED", random.randrange(10**9)))  # noqa: S311 (it guards nothing)
# From so many rounds on (`make proofs`) it is every point.
ALL_ROUNDS = 100
SAMPLE = frozenset(flow.name for flow in random.Random(SEED).sample(FLOWS, 14))  # noqa: S311


@dataclass(frozen=True)
class Undisturbed:
    """What a flow comes by when nobody dies, and how it ends."""

    points: Sequence[Point]
    books: dict[str, Any]

    @property
    def fatal(self) -> Sequence[Point]:
        return [point for point in self.points if point.moment != READ]


KNOWN: dict[str, Undisturbed] = {}


@pytest.fixture(scope="module")
async def ground(
    _database: Database,
    _statements: StatementPool,
    migrated: Settings,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Ground]:
    async with mortals(tmp_path_factory.mktemp("mortals")) as waiting:
        yield Ground(migrated, _database, _statements, waiting)


async def undisturbed(ground: Ground, flow: Flow) -> Undisturbed:
    if flow.name not in KNOWN:
        async with ground.world() as (world, provider):
            life = await ground.play(world, provider, flow, None, SOON)
            assert (life.signal, life.status) == (0, 0), life.said
            assert await whatever_is_wrong(world) == {}
            KNOWN[flow.name] = Undisturbed(life.points, await books(world))
    return KNOWN[flow.name]


def drawn(flow: Flow, points: Sequence[Point], rounds: int) -> list[tuple[Point, str]]:
    every = [(point, name) for point in points for name in comebacks(flow)]
    if rounds >= ALL_ROUNDS:
        return every
    chance = random.Random(f"{SEED} {flow.name}")  # noqa: S311
    return [chance.choice(every)] if flow.name in SAMPLE else []


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("flow", FLOWS, ids=[flow.name for flow in FLOWS])
async def test_whoever_dies_wherever_another_goes_on_and_it_comes_out_right(
    ground: Ground, flow: Flow, rounds: int
) -> None:
    print(f"seed {SEED}")  # noqa: T201 (so that a failure can be run again)
    whole = await undisturbed(ground, flow)
    assert whole.fatal
    assert {name: whole.books[name] for name in flow.ends} == dict(flow.ends)

    wrong = {}
    for point, name in drawn(flow, whole.fatal, rounds):
        if found := await what_came_of_it(ground, flow, point, comebacks(flow)[name], whole):
            wrong[f"{point}, {name}"] = found

    assert wrong == {}


async def what_came_of_it(
    ground: Ground, flow: Flow, point: Point, comeback: Comeback, whole: Undisturbed
) -> dict[str, Any]:
    """Whatever is not as it should be after a death at this point."""
    async with ground.world() as (world, provider):
        try:
            death = await ground.play(world, provider, flow, point, comeback)
        except Exception as error:  # noqa: BLE001 (the other points are died at all the same)
            return {"nobody could go on": repr(error)}
        found = await whatever_is_wrong(world)
        # How often an idle queue looks is a matter of time.
        if death.signal != signal.SIGKILL and not (point.place == QUEUE and death.status == 0):
            found["did not die there"] = (death.signal, death.said)
        if comeback == SOON:
            now = await books(world)
            found |= {
                f"another {name}": {"now": now[name], "else": whole.books[name]}
                for name in now.keys() - flow.grows
                if now[name] != whole.books[name]
            }
    return found


@pytest.mark.timeout(1800)
async def test_every_commit_and_every_call_in_the_source_is_come_by(ground: Ground) -> None:
    """A new story wants a flow here, or a reason why not."""
    come_by = {
        (point.place, point.line) for flow in FLOWS for point in (await undisturbed(ground, flow)).points
    }
    missed = [site for site in sites() if not any(site.is_at(*at) for at in come_by)]

    assert "\n".join(str(site) for site in missed if not why_not(site)) == ""
    assert {place for place in NO_FLOW if not any(place in places_of(site) for site in missed)} == set()
