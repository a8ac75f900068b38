"""Two at the same instant: each race is held up at its narrowest point, so that it happens in every run."""

import asyncio
from collections import Counter

from billing_service.config import Settings
from tests.stage import USER, MainBackend
from tests.usage.locking import THE_ROWS_OF, WRITING_OPERATIONS, HeldUp

OLD, NEW = 7001, 7002


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


async def test_a_commit_under_way_is_not_forgotten_when_another_user_takes_its_id(
    api: MainBackend, settings: Settings
) -> None:
    await a_released_operation(api, "one", OLD)

    async with HeldUp.at(settings, WRITING_OPERATIONS) as held_up:
        committing = asyncio.create_task(api.commit("one"))
        await held_up.until(waiting=1)
        taking = asyncio.create_task(api.reserve("one", NEW))
        await held_up.until(waiting=2)
    answers = [(await committing).status_code, (await taking).status_code]

    assert answers == [200, 409]
    assert (await in_use(api, OLD), await in_use(api, NEW)) == (1, 0)


async def test_a_commit_that_comes_after_another_user_took_its_id_is_a_commit_of_theirs(
    api: MainBackend, settings: Settings
) -> None:
    await a_released_operation(api, "one", OLD)

    async with HeldUp.at(settings, THE_ROWS_OF, [OLD]) as held_up:
        taking = asyncio.create_task(api.reserve("one", NEW))
        await held_up.until(waiting=1)
        committing = asyncio.create_task(api.commit("one"))
        await held_up.until(waiting=2)
    answers = [(await taking).status_code, (await committing).status_code]

    assert answers == [200, 200]
    assert (await in_use(api, OLD), await in_use(api, NEW)) == (0, 1)


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
