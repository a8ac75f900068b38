"""`billing-service npd …`, by the real command."""

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

from billing_service.services import Services
from tests.npd.test_register import LINK, NUMBER
from tests.test_config import IN_TEST

COMMAND = Path(sys.executable).with_name("billing-service")


async def npd(
    services: Services, folder: Path, *arguments: str, since: str = "2026-01-01"
) -> tuple[int, str]:
    """Exit code, and all that was said."""
    told = {
        "BILLING_ENV": "dev",
        "DATABASE_URL": services.settings.database_url,
        "REDIS_URL": services.settings.redis_url,
        "NPD_SINCE": since,
        "PATH": os.environ["PATH"],
    }
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        "npd",
        *arguments,
        cwd=folder,
        env=IN_TEST | told,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 30)
    return process.returncode or 0, said.decode()


async def test_what_is_open_is_listed_marked_and_summed_up(
    services: Services,
    tmp_path: Path,
    paid: dict[str, Any],
) -> None:
    code, said = await npd(services, tmp_path, "list", "--open")
    assert (code, paid["payment_id"] in said, "+299.00 RUB  open" in said) == (0, True, True)

    receipt = ("--number", NUMBER, "--link", LINK, "--author", "owner")
    code, said = await npd(services, tmp_path, "register", paid["payment_id"], *receipt)
    assert (code, f"registered {NUMBER} by owner" in said) == (0, True)

    said = (await npd(services, tmp_path, "summary"))[1]
    assert "kept in the year: 299.00 of 2400000.00 (0.0% of the limit)" in said


async def test_what_cannot_be_is_said_in_one_line(
    services: Services,
    tmp_path: Path,
    paid: dict[str, Any],
) -> None:
    wrong = ("--number", NUMBER, "--link", "https://example.com/", "--author", "owner")
    code, said = await npd(services, tmp_path, "register", paid["payment_id"], *wrong)
    assert (code, said.startswith("--link: "), len(said.splitlines())) == (1, True, 1)

    assert await npd(services, tmp_path, "list", since="") == (
        1,
        "no register is kept: NPD_SINCE is not set\n",
    )
