"""Whoever hammers one row waits in a line of their own."""

import asyncio

import pytest

from billing_service.config import Settings
from tests.stage import MainBackend
from tests.usage.locking import THE_ROWS_OF, HeldUp

HOT, OTHER = 8001, 8002


async def most_in_flight(held_up: HeldUp) -> int:
    """The most statements that waited at once during the half second after two did."""
    await held_up.until(waiting=2)
    seen: list[int] = []
    for _ in range(50):
        await asyncio.sleep(0.01)
        seen.append(await held_up.waiting())
    return max(seen)


@pytest.mark.parametrize("deed", ["consume", "reserve", "commit", "release"])
async def test_a_crowd_at_one_user_occupies_two_connections_and_others_are_served(
    api: MainBackend, settings: Settings, deed: str
) -> None:
    await api.reserve("known", HOT)
    asking = {
        "consume": lambda: api.consume(HOT),
        "reserve": lambda: api.reserve("known", HOT),
        "commit": lambda: api.commit("known"),
        "release": lambda: api.release("known"),
    }

    async with HeldUp.at(settings, THE_ROWS_OF, [HOT]) as held_up:
        crowd = asyncio.gather(*(asking[deed]() for _ in range(200)))
        in_flight = await most_in_flight(held_up)
        other = await asyncio.wait_for(api.consume(OTHER), 4)
    answers = {answer.status_code for answer in await crowd}

    assert (in_flight, other.status_code) == (2, 200)
    assert answers <= {200, 429}
