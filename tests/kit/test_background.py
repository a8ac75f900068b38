"""Work that outlives its request is finished before the process ends, or canceled when it takes too long."""

import asyncio

import pytest

from billing_service.kit.background import Background


async def test_a_stopping_process_waits_for_what_still_runs() -> None:
    background, done = Background(), []

    async def work() -> None:
        await asyncio.sleep(0.05)
        done.append("finished")

    background.start(work())
    await background.drain(5)

    assert done == ["finished"]


async def test_what_takes_too_long_is_canceled_and_nothing_is_left() -> None:
    background = Background()

    task = background.start(asyncio.Event().wait())
    await background.drain(0.05)

    assert task.cancelled()
    await background.drain(0)


async def test_a_failure_goes_into_the_log_and_hurts_nobody_else(capsys: pytest.CaptureFixture[str]) -> None:
    background = Background()

    async def fail() -> None:
        raise LookupError("lost")

    background.start(fail())
    other = background.start(asyncio.sleep(0.02, "done"))
    await background.drain(5)

    assert other.result() == "done"
    assert "background.failed" in capsys.readouterr().out


async def test_a_database_that_went_away_under_it_is_one_line_and_no_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    background = Background()

    async def lose_the_database() -> None:
        raise ConnectionRefusedError

    background.start(lose_the_database())
    await background.drain(5)

    lines = capsys.readouterr().out.splitlines()
    assert ["background.interrupted" in line for line in lines] == [True]


async def test_whoever_started_it_can_wait_for_its_result() -> None:
    assert await Background().start(asyncio.sleep(0, "result")) == "result"


async def test_a_waiter_that_goes_away_does_not_take_the_work_along() -> None:
    background, done = Background(), asyncio.Event()

    async def work() -> None:
        await asyncio.sleep(0.05)
        done.set()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await asyncio.shield(background.start(work()))
    await background.drain(5)

    assert done.is_set()
