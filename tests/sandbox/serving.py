"""The sandbox on a real port, for clients that know nothing but sockets."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2 as httpx

from billing_service.sandbox.app import Sandbox
from billing_service.sandbox.serve import server
from tests.sandbox.shop import Json


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


class Control:
    """Orders to a served sandbox, for tests whose shop is a client of other people."""

    def __init__(self, client: httpx.Client) -> None:
        self._client = client

    def pay(self, payment_id: str, **order: str) -> None:
        self._order("POST", f"/payments/{payment_id}/pay", order)

    def decline(self, payment_id: str, reason: str) -> None:
        self._order("POST", f"/payments/{payment_id}/decline", {"reason": reason})

    def bind(self, method_id: str) -> None:
        self._order("POST", f"/payment_methods/{method_id}/confirm", {})

    def change_shop(self, **flags: object) -> None:
        self._order("PUT", "/shop", flags)

    def spoil(self, **rule: object) -> None:
        self._order("PUT", "/faults", [rule])

    def shop(self) -> Json:
        return self._look("/shop")

    def payments(self) -> list[Json]:
        """Newest first."""
        payments: list[Json] = self._look("/payments")["results"]
        return payments

    def requests(self) -> list[Json]:
        """What was asked of the API, newest first."""
        requests: list[Json] = self._look("/requests")["results"]
        return requests

    def notified(self) -> list[Json]:
        """The bodies of the notifications, newest first."""
        return [notification["body"] for notification in self._look("/notifications")["results"]]

    def _order(self, method: str, path: str, order: object) -> None:
        self._client.request(method, path, json=order).raise_for_status()

    def _look(self, path: str) -> Json:
        seen: Json = self._client.get(path).raise_for_status().json()
        return seen
