"""Ports: fixed ones for what people open in a browser, free ones for the servers behind."""

import random
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from billing_service.dev.errors import CannotStart
from billing_service.dev.folders import rewrite

# Below the ports that systems hand out for outgoing connections: a client that keeps knocking while its
# server restarts could be given that very port, connect to itself, and keep the server out.
FREE_PORTS = range(20_000, 32_000)


@contextmanager
def listening(port: int, option: str) -> Iterator[socket.socket]:
    """The port of 127.0.0.1, ours from now on. Raises `CannotStart` when somebody else has it."""
    if not 0 < port < 65_536:
        raise CannotStart(f"{port} is not a port: choose one from 1 to 65535 with {option}")
    if _answers(port):
        raise CannotStart(f"port {port} is taken: stop what runs there, or choose another with {option}")
    with socket.socket() as listener:
        try:
            _bind(listener, port)
        except OSError as error:
            raise CannotStart(
                f"cannot use port {port} ({error.strerror}): choose another with {option}"
            ) from error
        listener.listen(128)
        yield listener


def remembered_port(file: Path) -> int:
    """The port written in the file if it is free, else a free one, which is written there."""
    port = _read(file)
    if port not in FREE_PORTS or not is_free(port):
        port = next(port for port in random.sample(FREE_PORTS, 100) if is_free(port))
        rewrite(file, f"{port}\n")
    return port


def is_free(port: int) -> bool:
    with socket.socket() as listener:
        try:
            _bind(listener, port)
        except OSError:
            return False
    return True


def _bind(listener: socket.socket, port: int) -> None:
    # As servers do themselves: connections of the last run that are still fading away do not count.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))


def _answers(port: int) -> bool:
    """Some systems let us bind 127.0.0.1 beside a server on every address: ask as a browser would."""
    try:
        socket.create_connection(("localhost", port), timeout=1).close()
    except OSError:
        return False
    return True


def _read(file: Path) -> int:
    try:
        return int(file.read_text())
    except (OSError, ValueError):
        return 0
