"""A process of its own that holds the servers until its input closes: something to interrupt and to kill.

    python holding.py DATA_DIR [UID]

Prints one line of JSON when they run. As root it can become an ordinary user first; what it needs is imported
by then, so that user need not be able to reach Python itself.
"""

import encodings.idna  # noqa: F401 (sockets look it up when they first connect)
import json
import os
import sys
from pathlib import Path

from billing_service.dev.errors import CannotStart
from billing_service.dev.servers import embedded_servers


def hold(data_dir: Path) -> None:
    with embedded_servers(data_dir) as servers:
        facts = {
            "database_url": servers.database_url,
            "redis_url": servers.redis_url,
            "pids": [servers.postgres.pid, servers.valkey.pid],
            "program": str(servers.postgres.program),
        }
        print(json.dumps(facts), flush=True)  # noqa: T201 (the answer to the test)
        sys.stdin.read()


def become(uid: int) -> None:
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


if __name__ == "__main__":
    if sys.argv[2:]:
        become(int(sys.argv[2]))
    try:
        hold(Path(sys.argv[1]))
    except CannotStart as error:
        sys.exit(str(error))
