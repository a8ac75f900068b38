"""The sandbox on a real port, for clients that know nothing but sockets."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from billing_service.sandbox.app import Sandbox
from billing_service.sandbox.serve import server


@contextmanager
def served(notify_url: str | None = None, state_file: Path | None = None) -> Iterator[str]:
    """The address of a sandbox that serves in a thread of its own, and is stopped at the end."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        running = server(Sandbox(notify_url=notify_url, base_url=address, state_file=state_file))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not running.started:
                time.sleep(0.01)
            yield address
        finally:
            running.should_exit = True
            thread.join(10)
            assert not thread.is_alive()
