"""Three Valkey servers that share the keys among them, each of which may be killed and come back."""

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import redis

from billing_service.dev.folders import DataFolder, held, usable_folder
from billing_service.dev.valkey import Valkey
from tests.ports import free_port

SLOTS = 16384


class Node(Valkey):
    """One of the three; notices within half a second that another one is gone."""

    def __init__(self, folder: DataFolder) -> None:
        super().__init__(folder, throwaway=True)
        self.bus_port = free_port()

    @property
    def command(self) -> list[str]:
        return [
            *super().command,
            *(
                "--cluster-enabled",
                "yes",
                "--cluster-node-timeout",
                "500",
                "--cluster-port",
                str(self.bus_port),
            ),
        ]

    def asked(self, *words: object) -> str:
        with redis.Redis(port=self.port, decode_responses=True) as client:
            return str(client.execute_command(*words))

    def kill(self) -> None:
        assert self._process
        self._process.kill()
        self.stop()


@contextmanager
def three_nodes() -> Iterator[list[Node]]:
    """They have found each other, and every key has its place. From the main thread only."""
    with ExitStack() as stack:
        nodes = [stack.enter_context(_node()) for _ in range(3)]
        for number, node in enumerate(nodes):
            first, end = (SLOTS * place // len(nodes) for place in (number, number + 1))
            node.asked("CLUSTER", "ADDSLOTSRANGE", first, end - 1)
            node.asked("CLUSTER", "MEET", "127.0.0.1", nodes[0].port, nodes[0].bus_port)
        wait_until_whole(nodes)
        yield nodes


def wait_until_whole(nodes: list[Node]) -> None:
    for node in nodes:
        for _ in range(600):
            if "cluster_state:ok" in (said := node.asked("CLUSTER", "INFO")):
                break
            time.sleep(0.05)
        else:
            raise AssertionError(said)


@contextmanager
def _node() -> Iterator[Node]:
    with TemporaryDirectory(prefix="billing-service-valkey-") as temporary:
        Path(temporary).chmod(0o755)  # the server keeps its own folder private
        folder = usable_folder(Path(temporary))
        with held(folder):
            node = Node(folder)
            try:
                node.start()
                yield node
            finally:
                node.stop()
