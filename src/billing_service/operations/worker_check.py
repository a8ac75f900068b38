"""What the platform asks about a worker, which answers no HTTP: is one of this host at work?"""

from billing_service.heartbeats import service as heartbeats
from billing_service.kit.db import Database
from billing_service.kit.db_errors import refusal_of


async def worker_missing_because(database_url: str) -> str | None:
    """Why no worker of this host is seen to be at work, or None. Needs the database and nothing else."""
    db = Database(database_url, pool_size=1)
    try:
        here = await heartbeats.presence_here(db)
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        return f"no worker can be seen: the database {refusal}"
    finally:
        await db.close()
    if here.alive:
        return None
    seen = here.seen_seconds_ago
    return "no worker of this host is at work" + (f": the last one was seen {seen:.0f} s ago" if seen else "")
