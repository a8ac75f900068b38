"""The client for TypeScript: it compiles, strictly, and Node drives the real service with it."""

import asyncio
import os
import subprocess
from pathlib import Path

import pytest
from contract.typescript_client import NODE

from billing_service.config import DEV_TOKEN
from tests.outside import Outside

PACKAGE = Path(__file__).parents[2] / "clients" / "typescript"
TSC = PACKAGE / "node_modules" / "typescript" / "bin" / "tsc"


@pytest.fixture(scope="module")
def built() -> None:
    if not TSC.exists():
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("run: make pytest")
    for project in ("tsconfig.json", "tsconfig.test.json"):
        done = subprocess.run(
            [NODE, TSC, "--project", PACKAGE / project], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout


@pytest.mark.usefixtures("built")
async def test_node_drives_the_service(running: Outside) -> None:
    node = await asyncio.create_subprocess_exec(
        *(NODE, "--test", "--test-reporter=tap", PACKAGE / "test" / "client.test.ts"),
        env={"PATH": os.environ["PATH"], "BILLING_URL": running.url, "BILLING_TOKEN": DEV_TOKEN},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(node.communicate(), 60)

    assert node.returncode == 0, said.decode()
    assert "# fail 0" in said.decode()
