"""`billing-service api`: the HTTP way in as a process."""

import asyncio
from typing import Annotated

import typer
import uvicorn

from billing_service import config
from billing_service.app import create_app
from billing_service.processes.starting import load_settings, or_say_why
from billing_service.receipts import shop
from billing_service.schema.compatibility import refuse_unfit
from billing_service.services import open_services
from billing_service.web.http_server import BoundedProtocol


def api(
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "0.0.0.0",  # noqa: S104 (inside a container)
    port: Annotated[int, typer.Option(help="Port to listen on.")] = 8000,
) -> None:
    """Serve HTTP."""
    settings = load_settings()
    or_say_why(lambda: asyncio.run(_check(settings)))
    uvicorn.run(
        create_app(settings),
        http=BoundedProtocol,
        host=host,
        port=port,
        # The webhook guard must see the real peer: uvicorn would rewrite it from headers that anybody can send.
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=15,
    )


async def _check(settings: config.Settings) -> None:
    async with open_services(settings) as services:
        await refuse_unfit(services.db, settings)
        await shop.refuse_unready(services)
