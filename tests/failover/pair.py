"""Two PostgreSQL servers, of which one commits only what the other has too; either may die, and come back."""

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg

from billing_service.dev.folders import DataFolder, held, usable_folder
from billing_service.dev.postgres import Postgres

PATIENCE_SECONDS = 30


class Node(Postgres):
    """One of the two; it survives every kill, but no power cut."""

    def __init__(self, folder: DataFolder) -> None:
        super().__init__(folder, throwaway=True)
        self._settings = self._settings | {"wal_retrieve_retry_interval": "100ms"}

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def follow(self, primary: "Node") -> None:
        """Start as the standby, with a copy of all that the primary has."""
        shutil.rmtree(self.data, ignore_errors=True)
        self.folder.account.make_private(self.data)
        copy = ("-D", self.data, "-d", primary.url, "--checkpoint=fast", "-R", "--no-sync")
        self._finish(self.program.with_name("pg_basebackup"), *copy)
        self.start()

    def promote(self) -> None:
        """Returns when it takes writes."""
        self._finish(self.program.with_name("pg_ctl"), "promote", "-w", "-s", "-D", self.data)

    def kill(self) -> None:
        """As if its machine had lost its power: nobody of it says another word."""
        self.signal(signal.SIGSTOP)
        self.signal(signal.SIGKILL)
        self.stop()

    def signal(self, number: signal.Signals) -> None:
        """To the server and everybody it has started."""
        started = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        for pid in (self.pid, *map(int, started)):
            with suppress(ProcessLookupError):
                os.kill(pid or 0, number)


@dataclass
class Pair:
    primary: Node
    standby: Node

    @property
    def url(self) -> str:
        """Both, always in the same order, whoever is the primary."""
        hosts = ",".join(sorted((self.primary.address, self.standby.address)))
        return f"postgresql://billing@{hosts}/billing?target_session_attrs=read-write"

    async def join(self) -> None:
        """The standby begins anew; from then on nothing is committed that it does not have."""
        self.standby.follow(self.primary)
        await self._wait_for("*")
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await asked(  # noqa: ASYNC110
                self.primary, "SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'"
            ):
                await asyncio.sleep(0.05)

    async def fail_over(self) -> None:
        """The standby takes the place of the primary, and waits for nobody: what whoever watches over the two does."""
        self.standby.promote()
        self.primary, self.standby = self.standby, self.primary
        await self._wait_for("")

    async def _wait_for(self, standby: str) -> None:
        await asked(self.primary, f"ALTER SYSTEM SET synchronous_standby_names = '{standby}'")
        await asked(self.primary, "SELECT pg_reload_conf()")


async def asked(node: Node, statement: str) -> object:
    """The first column of the first row that this server answers."""
    connection = await asyncpg.connect(node.url)
    try:
        return await connection.fetchval(statement)
    finally:
        await connection.close()


@contextmanager
def two_nodes() -> Iterator[Pair]:
    """The primary runs, alone until the other one has joined it. From the main thread only."""
    with ExitStack() as stack:
        pair = Pair(*(stack.enter_context(_node()) for _ in range(2)))
        pair.primary.start()
        yield pair


@contextmanager
def _node() -> Iterator[Node]:
    with TemporaryDirectory(prefix="billing-service-node-") as temporary:
        Path(temporary).chmod(0o755)  # the server keeps its own folder private
        folder = usable_folder(Path(temporary))
        with held(folder):
            node = Node(folder)
            try:
                yield node
            finally:
                if node.pid:
                    node.kill()
