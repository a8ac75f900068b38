"""Where processes of the tests listen: below the ports that systems number outgoing connections from."""

import random
from itertools import islice

from billing_service.dev.ports import FREE_PORTS, is_free


def free_ports(count: int) -> list[int]:
    """So many different ones, drawn at random: two runs on one machine hardly ever draw the same."""
    return list(islice(filter(is_free, random.sample(FREE_PORTS, 100)), count))


def free_port() -> int:
    return free_ports(1)[0]
