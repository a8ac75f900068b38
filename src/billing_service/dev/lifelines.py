"""How a child process is tied to the life of this one."""

import ctypes
import os
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1  # from <sys/prctl.h>


def dies_with_us(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """What a child does before it becomes its program, so that not even our `kill -9` leaves it behind.

    Linux only; elsewhere the next start stops what was left. A change of account would undo the request:
    `subprocess` makes that change first and calls this last.
    """
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    parent = os.getpid()

    def ask_the_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:  # killed between the fork and the line above
            os._exit(1)

    return ask_the_kernel
