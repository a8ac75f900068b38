"""An alarm about a condition is told to the owner too: once an hour while it lasts, whatever the database does."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from billing_service.alarms.service import tell_conditions
from billing_service.kit.alarms import UNTOLD, Alarm, raise_alarm
from billing_service.kit.statement_pool import StatementPool
from billing_service.services import Services
from tests.events.told import told
from tests.stage import Clock


@pytest.fixture(autouse=True)
def _nobody_elses() -> Iterator[None]:
    UNTOLD.clear()
    yield
    UNTOLD.clear()


async def test_a_condition_that_lasts_is_told_once_an_hour(services: Services, clock: Clock) -> None:
    for _ in range(3):
        for rule in ("one", "two"):
            raise_alarm(Alarm.INVARIANT_BROKEN, rule=rule)
        raise_alarm(Alarm.WORKER_INTERRUPTED, error="InsufficientPrivilegeError")
        await tell_conditions(services)
    first_hour = await told(services)
    await clock.advance(hours=1)
    raise_alarm(Alarm.INVARIANT_BROKEN, rule="one")
    await tell_conditions(services)

    assert [event["data"]["alarm"] for event in first_hour] == ["invariant_broken", "worker_interrupted"]
    assert first_hour[0]["data"] == {"alarm": "invariant_broken", "subject": None, "facts": {"rule": "one"}}
    assert len(await told(services)) == 3


async def test_what_cannot_be_written_now_is_told_later(services: Services) -> None:
    nowhere = StatementPool("postgresql://nobody@127.0.0.1:9/nowhere", pool_size=1)
    raise_alarm(Alarm.WORKER_INTERRUPTED, error="away")

    with pytest.raises(OSError, match="127"):
        await tell_conditions(replace(services, statements=nowhere))
    await tell_conditions(services)

    assert [event["data"]["facts"] for event in await told(services)] == [{"error": "away"}]


async def test_facts_that_are_too_long_are_left_to_the_log(services: Services) -> None:
    raise_alarm(Alarm.INVARIANT_BROKEN, rows=["x" * 100] * 200)
    await tell_conditions(services)

    assert [event["data"]["facts"] for event in await told(services)] == [{}]


def test_what_nobody_tells_does_not_grow() -> None:
    for number in range(1000):
        raise_alarm(Alarm.INVARIANT_BROKEN, rule=number)

    assert len(UNTOLD) == 100
