"""`billing-service audit`: what the owner reads, what a program reads, and the exit code."""

import asyncio
import json
from collections.abc import Coroutine
from dataclasses import replace
from typing import Any

import typer
from typer.testing import CliRunner, Result

from billing_service.kit.db import Database
from billing_service.operations.audit_command import add_to
from billing_service.operations.invariants import INVARIANTS
from billing_service.services import Services, Verb
from billing_service.yookassa.client import YookassaClient
from tests.daily_audit.test_auditing_a_day import a_day_later, by_hand
from tests.ledger import value
from tests.stage import BackOffice, Clock, MainBackend, in_process, work_off


async def audit(services: Services, *arguments: str) -> Result:
    """The command on the services of this test, so that it meets the test's own provider."""
    loop, app = asyncio.get_running_loop(), typer.Typer()

    def run(verb: Verb) -> None:
        act: Coroutine[Any, Any, None] = verb(services)  # type: ignore[assignment]
        asyncio.run_coroutine_threadsafe(act, loop).result(30)

    add_to(app, run)
    return await asyncio.to_thread(lambda: CliRunner().invoke(app, list(arguments)))


async def test_a_day_without_differences_ends_well_and_one_with_some_names_them_and_does_not(
    api: MainBackend, office: BackOffice, services: Services, database: Database, clock: Clock
) -> None:
    await office.pay(await api.buy())
    await work_off(services)
    await a_day_later(office, clock)

    well = await audit(services)
    async with by_hand(database) as do:
        await do("UPDATE payments SET amount = 298.99")
    ill = await audit(services, "--full")
    for_programs = await audit(services, "--json")

    assert (well.exit_code, ill.exit_code, for_programs.exit_code) == (0, 1, 1)
    assert "Оплачено: 299.00 у нас, 299.00 в ЮKassa" in well.stdout
    assert "Расхождений нет." in well.stdout
    assert "Оплачено: 298.99 у нас, 299.00 в ЮKassa" in ill.stdout
    assert "\n  деньги дня здесь и в ЮKassa равны\n" in ill.stdout
    assert "298.99 RUB SUCCEEDED here, 299.00 RUB at YooKassa" in ill.stdout
    assert f"rule {len(INVARIANTS)} of {len(INVARIANTS)}" in ill.stderr
    assert json.loads(for_programs.stdout.splitlines()[-1])["paid_ours"] == "298.99"


async def test_a_day_that_is_not_over_is_refused_and_so_is_one_of_which_yookassa_says_nothing(
    office: BackOffice, services: Services, database: Database
) -> None:
    today = await audit(services, "--day", "2099-01-01")
    async with YookassaClient(
        shop_id=services.settings.shop_id,
        secret_key="test_rotated",
        api_url=services.settings.yookassa_api_url,
        transport=in_process(office.sandbox.app),
    ) as refused:
        unanswered = await audit(replace(services, yookassa=refused))

    assert today.exit_code == unanswered.exit_code == 1
    assert "2099-01-01 is not over yet" in today.output
    assert "YooKassa did not answer" in unanswered.output
    assert await value(database, "SELECT count(*) FROM daily_audits") == 0
