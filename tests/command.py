"""The real command `billing-service`, as an operator calls it in an installation."""

import asyncio
import os
import sys
from pathlib import Path

from billing_service.services import Services
from tests.test_config import IN_TEST

COMMAND = Path(sys.executable).with_name("billing-service")


async def command(
    services: Services,
    folder: Path,
    *arguments: str,
    says: str = "",
    only_answers: bool = False,
    **settings: str,
) -> tuple[int, str]:
    """Exit code, and all that was said, or what came on standard output alone; `says` is what the operator types.

    It runs in `folder`, where no `.env` is.
    """
    told = {
        "BILLING_ENV": "dev",
        "DATABASE_URL": services.settings.database_url,
        "REDIS_URL": services.settings.redis_url,
        "PATH": os.environ["PATH"],
    }
    process = await asyncio.create_subprocess_exec(
        COMMAND,
        *arguments,
        cwd=folder,
        env=IN_TEST | told | settings,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL if only_answers else asyncio.subprocess.STDOUT,
    )
    said, _ = await asyncio.wait_for(process.communicate(says.encode()), 30)
    return process.returncode or 0, said.decode()
