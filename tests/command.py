"""The command `billing-service`, as an operator calls it in an installation: a process of its own for every call."""

import asyncio
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from billing_service.services import Services
from tests.forked import Forked
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
    with TemporaryDirectory() as kept:
        typed, answered, beside = (Path(kept, stream) for stream in ("typed", "answered", "beside"))
        typed.write_text(says)
        streams = (typed, answered, beside if only_answers else answered)
        process = Forked(arguments, IN_TEST | told | settings, folder, streams)
        return await asyncio.to_thread(process.wait, 30), answered.read_text()
