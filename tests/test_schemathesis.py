"""The whole OpenAPI document against the running service: what is announced is what is answered, and never a 5xx."""

import asyncio
import re
import sys
from pathlib import Path

from billing_service.config import DEV_TOKEN, Settings
from tests.outside import a_running_service

SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
EXAMPLES = 12
# A fitting plan code may be of no plan, and the legacy routes take "false" for false, as their callers expect.
UNTRUE_OF_US = "positive_data_acceptance,negative_data_rejection"


async def test_the_document_and_the_running_service_agree(tmp_path: Path, migrated: Settings) -> None:
    generous = {
        f"RATE_LIMIT_{name}": "1000000/hour"
        for name in ("CREATE_PAYMENT", "ATTEMPTS", "POLLING", "WEBHOOK", "WEBHOOK_TRUSTED")
    }
    async with a_running_service(tmp_path, migrated, **generous) as outside:
        asking = await asyncio.create_subprocess_exec(
            SCHEMATHESIS,
            *("run", f"{outside.url}/openapi.json", "--header", f"Authorization: Bearer {DEV_TOKEN}"),
            *("--max-examples", str(EXAMPLES), "--seed", "1", "--exclude-checks", UNTRUE_OF_US),
            cwd=tmp_path,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await asyncio.wait_for(asking.communicate(), 100)

    assert asking.returncode == 0, said.decode()
    every = re.search(r"Selected: (\d+)/\1\n +Tested: \1\n", said.decode())
    assert every, said.decode()
