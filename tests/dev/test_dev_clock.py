"""Time in dev: one turn for the database and the sandbox, forward only, and never where real money is."""

import asyncio
from collections.abc import AsyncIterator
from datetime import datetime, timedelta

import pytest

from billing_service.config import Settings
from billing_service.demo.clock import ClockNotTurned
from billing_service.dev.clock import SharedClock, leap_of
from billing_service.kit.clock import is_turnable
from billing_service.kit.db import Database
from billing_service.kit.http import httpx
from billing_service.sandbox.app import Sandbox
from billing_service.services import Services
from tests.ledger import value
from tests.scratch import execute, migrated_database
from tests.stage import BackOffice, Clock, MainBackend, WebApp, in_process, work_off

MONTH = timedelta(days=30)
A_MOMENT = timedelta(seconds=3)
A_LIVE_PAYMENT = """
    INSERT INTO subscriptions (user_id) VALUES (1);
    INSERT INTO payments (id, user_id, plan_code, amount, currency, duration_days, description, purpose, shop_id,
                          is_test, caller, route, request_fingerprint, return_url)
    VALUES (gen_random_uuid(), 1, 'PRO_MONTHLY', 299, 'RUB', 30, 'PRO', 'PLAN', '54321', false, 'app', '', '', '')
"""


@pytest.fixture
async def shared(settings: Settings, database: Database, sandbox: Sandbox) -> AsyncIterator[SharedClock]:  # noqa: ARG001 (empties it)
    async with SharedClock(settings, in_process(sandbox.app)) as shared:
        yield shared


async def agree(shared: SharedClock, office: BackOffice) -> datetime:
    """The time that both show."""
    theirs = await sandbox_shows(office)
    ours = await shared.get_now()
    assert abs(ours - theirs) < A_MOMENT
    return ours


async def sandbox_shows(office: BackOffice) -> datetime:
    return datetime.fromisoformat((await office.call("GET", "/clock"))["now"])


async def test_one_turn_moves_both(shared: SharedClock, office: BackOffice) -> None:
    before = await agree(shared, office)

    shown = await shared.advance(MONTH)

    assert MONTH <= shown - before < MONTH + A_MOMENT
    assert await agree(shared, office) - shown < A_MOMENT


class Dawdling(httpx.AsyncBaseTransport):
    """The first order to the sandbox is on its way for longer than a whole turn takes."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._to_sandbox = in_process(sandbox.app)
        self._is_first = True

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.method == "POST" and self._is_first:
            self._is_first = False
            await asyncio.sleep(0.5)
        return await self._to_sandbox.handle_async_request(request)


async def test_of_two_turns_at_once_neither_undoes_the_other(
    settings: Settings,
    database: Database,  # noqa: ARG001 (its clock is put right)
    sandbox: Sandbox,
    office: BackOffice,
) -> None:
    async with SharedClock(settings, Dawdling(sandbox)) as shared:
        before = await agree(shared, office)

        await asyncio.gather(shared.advance(MONTH), shared.advance(MONTH))

        assert 2 * MONTH <= await agree(shared, office) - before < 2 * MONTH + A_MOMENT


async def test_a_clock_that_is_behind_follows_at_the_next_turn_and_none_goes_back(
    shared: SharedClock, office: BackOffice
) -> None:
    before = await agree(shared, office)
    await office.call("POST", "/clock", {"advance_seconds": 86_400})

    await shared.advance(MONTH)

    assert await agree(shared, office) - before >= MONTH + timedelta(days=1)


@pytest.mark.parametrize(
    ("sandbox_by", "database_by"), [(86_400, 0), (0, 86_400), (20 * 366 * 86_400, 0), (0, 20 * 366 * 86_400)]
)
async def test_clocks_that_a_restart_finds_apart_agree_on_the_later_time(
    shared: SharedClock, office: BackOffice, clock: Clock, sandbox_by: int, database_by: int
) -> None:
    before = await shared.get_now()
    to = before + timedelta(seconds=sandbox_by)
    await office.call("POST", "/clock", {"set": to.isoformat()})
    await clock.advance(seconds=database_by)

    ahead = await shared.align()

    assert ahead is not None
    assert abs(ahead - timedelta(seconds=sandbox_by - database_by)) < A_MOMENT
    assert await agree(shared, office) - before >= timedelta(seconds=max(sandbox_by, database_by))


async def test_clocks_that_agree_are_left_alone(shared: SharedClock, office: BackOffice) -> None:
    await shared.advance(MONTH)
    before = await agree(shared, office)

    assert await shared.align() is None

    assert await agree(shared, office) - before < A_MOMENT


async def test_a_frozen_sandbox_runs_again(shared: SharedClock, office: BackOffice) -> None:
    await office.call("POST", "/clock", {"freeze": True})

    await shared.align()

    assert (await office.call("GET", "/clock"))["frozen"] is False


async def test_what_is_due_by_the_new_time_is_done_without_waiting_for_its_hour(
    shared: SharedClock, services: Services, database: Database, api: MainBackend, office: BackOffice
) -> None:
    await office.call("PUT", "/faults", [{"operation": "notification", "fault": "lose"}])
    payment = await api.buy()

    await shared.advance(timedelta(hours=2))
    await work_off(services)

    assert (await api.payment(payment["payment_id"]))["status"] == "canceled"
    assert await value(database, "SELECT array_agg(list ORDER BY list) FROM list_walks") == [
        "payments",
        "refunds",
    ]


async def test_where_real_money_was_recorded_nothing_is_turned(settings: Settings, sandbox: Sandbox) -> None:
    async with migrated_database(settings.database_url) as url:
        await execute(url, A_LIVE_PAYMENT)
        own = settings.model_copy(update={"database_url": url})

        async with SharedClock(own, in_process(sandbox.app)) as shared:
            before = await shared.get_now()
            with pytest.raises(ClockNotTurned, match="настоящие платежи"):
                await shared.advance(MONTH)
            assert await shared.get_now() - before < MONTH

        assert not await turnable(url)


async def test_a_database_of_dev_gets_a_clock_that_can_be_turned(
    settings: Settings, sandbox: Sandbox
) -> None:
    async with migrated_database(settings.database_url) as url:
        own = settings.model_copy(update={"database_url": url})

        async with SharedClock(own, in_process(sandbox.app)):
            pass

        assert await turnable(url)


async def turnable(url: str) -> bool:
    database = Database(url, pool_size=1)
    async with database.engine.connect() as connection:
        found = await is_turnable(connection)
    await database.close()
    return found


async def test_the_time_of_a_real_shop_is_not_ours(settings: Settings, sandbox: Sandbox) -> None:
    real = settings.model_copy(update={"yookassa_shop_id_test": "54321"})

    async with SharedClock(real, in_process(sandbox.app)) as shared:
        with pytest.raises(ClockNotTurned, match="настоящей ЮKassa"):
            await shared.advance(MONTH)


async def test_without_the_sandbox_nothing_is_turned(settings: Settings, database: Database) -> None:
    async with SharedClock(settings, httpx.MockTransport(away)) as shared:
        before = await shared.get_now()
        with pytest.raises(ClockNotTurned, match="не отвечает"):
            await shared.advance(MONTH)

    assert await value(database, "SELECT billing_now()") - before < MONTH


def away(request: httpx.Request) -> httpx.Response:
    raise httpx.ConnectError("nobody listens", request=request)


async def test_time_ends_where_the_providers_ids_do(shared: SharedClock, office: BackOffice) -> None:
    await office.call("POST", "/clock", {"set": "2099-12-31T00:00:00Z"})
    await shared.align()

    with pytest.raises(ClockNotTurned, match="2100"):
        await shared.advance(MONTH)

    assert (await agree(shared, office)).year == 2099


async def test_the_sandboxes_own_page_turns_both_and_cannot_leave_the_other_behind(
    settings: Settings,
    database: Database,  # noqa: ARG001 (its clock is put right)
) -> None:
    there = WebApp()
    async with SharedClock(settings, in_process(there)) as shared:
        sandbox = Sandbox(notify_url=None, leap=leap_of(shared))
        there.app = sandbox.app
        async with BackOffice.of(sandbox) as office, a_browser(sandbox) as browser:
            before = await agree(shared, office)
            pressed = await browser.post("/act/advance", data={"seconds": "2592000"})
            back = await browser.post("/act/advance", data={"seconds": "-1"})
            stopped = await browser.post("/act/freeze")
            forgotten = await browser.post("/act/reset")
            after = await agree(shared, office)

    assert [one.status_code for one in (pressed, back, stopped, forgotten)] == [303, 409, 409, 303]
    assert MONTH <= after - before < MONTH + A_MOMENT


async def test_the_sandboxes_page_says_why_nothing_was_turned(settings: Settings) -> None:
    real = settings.model_copy(update={"yookassa_shop_id_test": "54321"})
    async with (
        SharedClock(real) as shared,
        a_browser(Sandbox(notify_url=None, leap=leap_of(shared))) as browser,
    ):
        pressed = await browser.post("/act/advance", data={"seconds": "60"})

    assert pressed.status_code == 409
    assert "время настоящей ЮKassa не повернуть" in pressed.text


def a_browser(sandbox: Sandbox) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=in_process(sandbox.app), base_url="http://sandbox")
