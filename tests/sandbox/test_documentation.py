"""Every command of docs/sandbox.md is run, and prints what the page says."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from billing_service.sandbox.control.faults import POSSIBLE
from billing_service.sandbox.model.faults import Fault
from billing_service.sandbox.model.shop import Features, Habits
from tests.sandbox.serving import served

PAGE = Path(__file__).parents[2] / "docs" / "sandbox.md"
BLOCK = re.compile(r"^```bash\n(.*?)^```\n(?:```text\n(.*?)^```\n)?", re.DOTALL | re.MULTILINE)
MARK = "=== next ==="


def test_the_examples_print_what_the_page_says() -> None:
    if shutil.which("curl") is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("there is no curl on this machine")
    blocks = BLOCK.findall(PAGE.read_text())
    with served() as address:
        script = f"echo '{MARK}'\n".join(commands for commands, _ in blocks).replace(
            "http://127.0.0.1:8010", address
        )
        environment = os.environ | {"NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}
        run = subprocess.run(
            ["bash"], input=script, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    assert run.stderr == ""
    assert run.stdout.split(f"{MARK}\n") == [printed for _, printed in blocks]
    assert len(blocks) > 10


@pytest.mark.parametrize("name", [*Fault, *POSSIBLE, *Features.model_fields, *Habits.model_fields])
def test_every_fault_operation_and_switch_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE.read_text()
