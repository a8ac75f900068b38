"""The command `billing-service`, as an operator calls it in an installation: a process of its own for every call."""

import os
from pathlib import Path

from billing_service.services import Services
from tests.forked import run_to_its_end
from tests.test_config import IN_TEST


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
    ended = await run_to_its_end(
        arguments, IN_TEST | told | settings, folder, says=says, is_one_stream=not only_answers
    )
    return ended.code, ended.output
