"""Two at the same instant: each race is held up at its narrowest point, so that it happens in every run."""

import asyncio
from collections import Counter
from contextlib import AsyncExitStack

import pytest

from billing_service.config import Settings
from billing_service.kit.db import Database
from billing_service.operations.retention import forget_old
from billing_service.services import Services
from tests.ledger import rows
from tests.stage import USER, Clock, MainBackend
from tests.usage.locking import THE_ROWS_OF, WRITING_OPERATIONS, HeldUp

THIRD, OLD, NEW = 7000, 7001, 7002


async def in_use(api: MainBackend, user: int) -> int:
    shown = (await api.internal("GET", f"users/{user}/usage")).json()
    return int(shown["used_today"] + shown["held"])


async def a_released_operation(api: MainBackend, name: str, user: int) -> None:
    await api.reserve(name, user)
    await api.release(name)


async def test_two_commits_that_both_saw_it_held_count_once(api: MainBackend, settings: Settings) -> None:
    await api.reserve("one")

    async with HeldUp.at(settings, THE_ROWS_OF, [USER]) as held_up:
        both = asyncio.gather(api.commit("one"), api.commit("one"))
        await held_up.until(waiting=2)
    answers = [answer.status_code for answer in await both]

    assert answers == [200, 200]
    assert await in_use(api, USER) == 1


async def test_a_release_that_waited_behind_a_commit_is_refused_and_the_operation_stays_counted(
    api: MainBackend, settings: Settings
) -> None:
    await api.reserve("one")

    async with HeldUp.at(settings, THE_ROWS_OF, [USER]) as held_up:
        committing = asyncio.create_task(api.commit("one"))
        await held_up.until(waiting=1)
        releasing = asyncio.create_task(api.release("one"))
        await held_up.until(waiting=2)
    answers = [(await committing).status_code, (await releasing).status_code]

    assert answers == [200, 409]
    assert await in_use(api, USER) == 1


async def test_one_new_id_of_many_users_is_one_operation(api: MainBackend, settings: Settings) -> None:
    users = range(7001, 7006)

    async with HeldUp.at(settings, WRITING_OPERATIONS) as held_up:
        all_of_them = asyncio.gather(*(api.consume(user, operation_id="one") for user in users))
        await held_up.until(waiting=5)
    answers = Counter(answer.status_code for answer in await all_of_them)

    assert answers == {200: 1, 409: 4}
    assert sum([await in_use(api, user) for user in users]) == 1


@pytest.mark.parametrize(("owner", "taker"), [(OLD, NEW), (NEW, OLD)])
async def test_a_commit_under_way_is_not_forgotten_when_another_user_takes_its_id(
    api: MainBackend, settings: Settings, owner: int, taker: int
) -> None:
    await a_released_operation(api, "one", owner)

    async with HeldUp.at(settings, WRITING_OPERATIONS) as held_up:
        committing = asyncio.create_task(api.commit("one"))
        await held_up.until(waiting=1)
        taking = asyncio.create_task(api.reserve("one", taker))
        await held_up.until(waiting=2)
    answers = [(await committing).status_code, (await taking).status_code]

    assert answers == [200, 409]
    assert (await in_use(api, owner), await in_use(api, taker)) == (1, 0)


@pytest.mark.parametrize("mover", [NEW, OLD])
async def test_a_commit_under_way_is_not_forgotten_when_its_id_was_moved_before_a_third_one_takes_it(
    api: MainBackend, settings: Settings, clock: Clock, mover: int
) -> None:
    """To another user, or to the next day of the same one."""
    await a_released_operation(api, "one", OLD)
    await clock.advance(days=1 if mover == OLD else 0)
    await api.consume(THIRD)

    async with AsyncExitStack() as committing_waits:
        async with HeldUp.at(settings, THE_ROWS_OF, [THIRD]) as held_up:
            taking = asyncio.create_task(api.reserve("one", THIRD))
            await held_up.until(waiting=1)
            await a_released_operation(api, "one", mover)
            await committing_waits.enter_async_context(HeldUp.at(settings, WRITING_OPERATIONS))
            committing = asyncio.create_task(api.commit("one"))
            await held_up.until(waiting=2)
        await asyncio.sleep(0.1)  # the third one has looked again by now
    answers = [(await committing).status_code, (await taking).status_code]

    assert answers == [200, 409]
    assert (await in_use(api, mover), await in_use(api, THIRD)) == (1, 1)


@pytest.mark.parametrize("deed", ["commit", "release"])
async def test_an_operation_forgotten_while_its_end_waited_is_unknown(
    api: MainBackend, settings: Settings, services: Services, clock: Clock, deed: str
) -> None:
    await api.reserve("one")
    await clock.advance(days=9)
    end = {"commit": api.commit, "release": api.release}[deed]

    async with HeldUp.at(settings, THE_ROWS_OF, [USER]) as held_up:
        ending = asyncio.create_task(end("one"))
        await held_up.until(waiting=1)
        await forget_old(services, asyncio.Event())

    assert (await ending).status_code == 404


async def test_a_commit_that_comes_after_another_user_took_its_id_is_a_commit_of_theirs(
    api: MainBackend, settings: Settings
) -> None:
    await a_released_operation(api, "one", OLD)
    await api.consume(NEW)

    async with HeldUp.at(settings, THE_ROWS_OF, [OLD]) as held_up:
        taking = asyncio.create_task(api.reserve("one", NEW))
        await held_up.until(waiting=1)
        committing = asyncio.create_task(api.commit("one"))
        await held_up.until(waiting=2)
    answers = [(await taking).status_code, (await committing).status_code]

    assert answers == [200, 200]
    assert (await in_use(api, OLD), await in_use(api, NEW)) == (0, 2)


async def test_a_commit_that_comes_after_its_id_was_moved_to_another_day_counts_there(
    api: MainBackend, settings: Settings, database: Database, clock: Clock
) -> None:
    await a_released_operation(api, "one", OLD)
    await clock.advance(days=1)
    await api.consume(OLD)

    async with HeldUp.at(settings, THE_ROWS_OF, [OLD]) as held_up:
        taking = asyncio.create_task(api.reserve("one", OLD))
        await held_up.until(waiting=1)
        committing = asyncio.create_task(api.commit("one"))
        await held_up.until(waiting=2)
    answers = [(await taking).status_code, (await committing).status_code]

    counted = await rows(database, "SELECT photo_ai_requests AS n FROM daily_usage ORDER BY date")
    assert (answers, [one["n"] for one in counted]) == ([200, 200], [0, 2])


async def test_two_users_who_take_each_others_old_ids_do_not_lock_each_other_up(
    api: MainBackend, settings: Settings
) -> None:
    await a_released_operation(api, "of-old", OLD)
    await a_released_operation(api, "of-new", NEW)

    async with HeldUp.at(settings, THE_ROWS_OF, [OLD]) as held_up:
        async with HeldUp.at(settings, THE_ROWS_OF, [NEW]):
            both = asyncio.gather(api.reserve("of-old", NEW), api.reserve("of-new", OLD))
            await held_up.until(waiting=2)
        await asyncio.sleep(
            0.1
        )  # whoever waited for the new user's row now has it, and waits for the old user's
    answers = [answer.status_code for answer in await both]

    assert answers == [200, 200]
    assert (await in_use(api, OLD), await in_use(api, NEW)) == (1, 1)
