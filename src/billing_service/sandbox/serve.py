"""The sandbox as a server of its own, and the connections its faults can really cut."""

from pathlib import Path

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from billing_service.sandbox.app import Sandbox
from billing_service.sandbox.broken import SEVER


class SeverableProtocol(HttpToolsProtocol):
    """HTTP whose application may cut the client's connection without an answer."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {SEVER: {"sever": self.transport.abort}}


def server(sandbox: Sandbox, *, port: int = 8010, host: str = "127.0.0.1") -> uvicorn.Server:
    """A server for this sandbox, not started yet. The sandbox starts and stops with it."""
    return uvicorn.Server(
        uvicorn.Config(
            sandbox.app,
            host=host,
            port=port,
            http=SeverableProtocol,
            lifespan="on",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=3,
        )
    )


def run(
    port: int = 8010,
    notify_url: str | None = None,
    state_file: Path | None = None,
    host: str = "127.0.0.1",
    seed: int = 0,
) -> None:
    """Serve until interrupted. Raises UnreadableState for a foreign state file."""
    base_url = f"http://{host}:{port}"
    sandbox = Sandbox(notify_url=notify_url, base_url=base_url, state_file=state_file, seed=seed)
    server(sandbox, port=port, host=host).run()
