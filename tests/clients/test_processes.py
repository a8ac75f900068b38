"""What becomes of a use when a process dies in the middle of it: ours, or the caller's."""

import asyncio
import os
import sys
from pathlib import Path
from signal import SIGKILL

from billing_service.config import DEV_TOKEN
from eatfit24_billing import Billing, Guards, Journal, Retries
from eatfit24_billing.generated.api import usage
from eatfit24_billing.generated.models import UsageOfDayOut
from tests.outside import Outside

CALLER = Path(__file__).with_name("caller.py")
CLIENT = Path(__file__).parents[2] / "clients" / "python" / "src"


async def figures(billing: Billing, user: int) -> UsageOfDayOut:
    return await usage.get_usage(billing, user)


async def test_the_place_of_a_caller_that_was_killed_frees_itself(running: Outside) -> None:
    user = 7001
    caller = await asyncio.create_subprocess_exec(
        *(sys.executable, CALLER, running.url, DEV_TOKEN, str(user)),
        env=os.environ | {"PYTHONPATH": str(CLIENT)},
        stdout=asyncio.subprocess.PIPE,
    )
    assert caller.stdout
    assert await asyncio.wait_for(caller.stdout.readline(), 30) == b"held\n"
    caller.kill()
    await caller.wait()

    async with Billing(running.url, DEV_TOKEN) as billing, asyncio.timeout(30):
        while True:
            now = await figures(billing, user)
            if not now.held:
                break
            await asyncio.sleep(0.05)
    assert now.used_today == 0


async def test_a_service_that_is_restarted_in_between_concludes_once(
    running: Outside, tmp_path: Path
) -> None:
    user, hurry = 7002, Retries(attempts=2, within=1, first_wait=0.01)
    async with Billing(running.url, DEV_TOKEN) as billing:
        guards = Guards(billing, Journal(tmp_path / "journal"), patience=hurry)
        async with guards.guard(user):
            await running.programs["api"].end(SIGKILL)
        await running.start_api()

        # What was owed is told after the next answer, by itself.
        async with guards.guard(user):
            pass
        await guards.aclose()

        after = await figures(billing, user)
        assert (after.used_today, after.held) == (2, 0)
