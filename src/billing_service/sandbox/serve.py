"""The sandbox as a server of its own, and the connections its faults can really cut."""

import os
import re
import socket
import sys
from contextlib import suppress
from pathlib import Path

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from billing_service.sandbox.app import Sandbox
from billing_service.sandbox.delivery.broken_answers import SEVER
from billing_service.sandbox.model.state import UnreadableState

HOST = "127.0.0.1"
_PUBLIC_URL = re.compile(r"https?://[A-Za-z0-9.-]+(:[0-9]{1,5})?")
_WELCOME = """\
A pretend YooKassa, until Ctrl-C:
  page for people   {at}/
  provider's API    {at}/v3   shop {shop.account_id}, key {shop.secret_key}
  control API       {at}/_sandbox/docs
  notifications to  {told}
"""


class SeverableProtocol(HttpToolsProtocol):
    """HTTP whose application may cut the client's connection without an answer."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {SEVER: {"sever": self.transport.abort}}


def server(sandbox: Sandbox) -> uvicorn.Server:
    """A server for this sandbox, not started yet, for a socket that listens. The sandbox starts and stops with it."""
    return uvicorn.Server(
        uvicorn.Config(
            sandbox.app,
            http=SeverableProtocol,
            lifespan="on",
            log_level="warning",
            access_log=False,
            timeout_graceful_shutdown=3,
        )
    )


def public_url(written: str) -> str:
    """Where payers find the pages, if not at the port itself: `https://sandbox.yookassa.ru`. Raises `ValueError`."""
    if not _PUBLIC_URL.fullmatch(written):
        raise ValueError("SANDBOX_PUBLIC_URL is written https://host or https://host:port, without a path")
    return written


def run(port: int, notify_url: str | None, state_file: Path | None, public: str | None = None) -> None:
    """Serve this machine until interrupted. A taken port and a foreign state file end it with one clear line."""
    at = f"http://{HOST}:{port}"
    try:
        base_url = public_url(public) if public else at
        sandbox = Sandbox(notify_url=notify_url, base_url=base_url, state_file=state_file)
        listening = socket.create_server((HOST, port))
    except (UnreadableState, ValueError) as error:
        raise SystemExit(str(error)) from error
    except OSError as error:
        raise SystemExit(f"cannot listen on {HOST}:{port}: {os.strerror(error.errno or 0)}") from error
    with listening:
        shop = sandbox.yookassa.shop
        sys.stdout.write(_WELCOME.format(at=at, shop=shop, told=shop.notify_url or "nobody"))
        sys.stdout.flush()
        with suppress(KeyboardInterrupt):  # uvicorn has stopped in order and hands Ctrl-C on
            server(sandbox).run(sockets=[listening])
