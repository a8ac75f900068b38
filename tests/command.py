"""The command `billing-service`, as an operator calls it in an installation: a process of its own for every call.

Each is a fork of one process that has loaded the modules. How the installed script starts is for other tests to show:
`test_health.py`, `webhooks/test_commands.py`, `test_openapi_export.py`.
"""

import asyncio
import multiprocessing
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from billing_service.services import Services
from tests.forked import run
from tests.test_config import IN_TEST

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["billing_service.cli"])


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
    with TemporaryDirectory() as kept:
        typed, answered, beside = (Path(kept, stream) for stream in ("typed", "answered", "beside"))
        typed.write_text(says)
        streams = (typed, answered, beside if only_answers else answered)
        process = FORKS.Process(target=run, args=(arguments, IN_TEST | told | settings, folder, streams))
        process.start()
        await asyncio.to_thread(process.join, 30)
        assert process.exitcode is not None, "it does not end"
        return process.exitcode, answered.read_text()
