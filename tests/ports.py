"""Where processes of the tests listen: below the ports that systems number outgoing connections from."""

import os
import random
from itertools import islice

from billing_service.dev.ports import FREE_PORTS, is_free

# Processes of one run draw from ports of their own: none takes what another has drawn and not opened yet.
_PROCESS = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_OURS = FREE_PORTS[_PROCESS :: int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))]


def free_ports(count: int) -> list[int]:
    """So many different ones, drawn at random: two runs on one machine hardly ever draw the same."""
    return list(islice(filter(is_free, random.sample(_OURS, 100)), count))


def free_port() -> int:
    return free_ports(1)[0]
