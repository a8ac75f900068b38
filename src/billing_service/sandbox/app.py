"""The sandbox put together: one object, one ASGI application, one background task."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Self

from starlette.routing import Mount, Router
from starlette.types import ASGIApp

from billing_service.sandbox.api.app import Api
from billing_service.sandbox.api.clock_middleware import ClockMiddleware
from billing_service.sandbox.control.app import control_app
from billing_service.sandbox.delivery.outgoing import Outgoing, Transport
from billing_service.sandbox.delivery.sender import NotificationSender
from billing_service.sandbox.model import state as remembered
from billing_service.sandbox.model.clock import real_time
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.model.state import State
from billing_service.sandbox.pages.checkout_page import CheckoutPage
from billing_service.sandbox.pages.panel import PeoplePage
from billing_service.sandbox.pages.panel_actions import Desk, Leap
from billing_service.sandbox.pages.rendering import Templates, static_files
from billing_service.sandbox.scheduler import Scheduler


class Sandbox:
    """A whole provider. `app` answers; `async with` (or the application's lifespan) lets notifications leave.

    `notify_url` is where the shop listens; `base_url` is where payers find the pages; `state_file` keeps
    everything over a restart; `seed` makes ids and faults repeatable; `notify_transport` delivers without a
    network; `retry_scale` shortens the waits between deliveries; `real` is the time of an unturned clock; `leap` is
    what the page's buttons call to turn this clock together with others; `shop_page` is where people buy.
    Raises UnreadableState for a foreign file.
    """

    def __init__(
        self,
        *,
        notify_url: str | None,
        base_url: str = "http://127.0.0.1:8010",
        state_file: Path | None = None,
        seed: int = 0,
        notify_transport: Transport | None = None,
        retry_scale: float = 1.0,
        real: Callable[[], datetime] = real_time,
        leap: Leap | None = None,
        shop_page: str | None = None,
    ) -> None:
        self._state_file = state_file
        state = remembered.load(state_file) or State(seed=seed)
        state.shop.notify_url = notify_url or state.shop.notify_url
        self.yookassa = Yookassa(state, base_url=base_url, real=real, clock_is_shared=leap is not None)
        self._outgoing = Outgoing(notify_transport)
        self._sender = NotificationSender(self.yookassa, self._outgoing, retry_scale)
        self._scheduler = Scheduler(self.yookassa, self._sender, self._save)
        templates = Templates()
        rooms = Router(
            routes=[
                Mount("/v3", Api(self.yookassa, self._scheduler.catch_up)),
                Mount("/_sandbox", control_app(self.yookassa, self._scheduler, self._sender)),
                *CheckoutPage(self.yookassa, templates).routes(),
                *PeoplePage(
                    Desk(self.yookassa, self._scheduler, self._sender, leap or self._scheduler.advance),
                    templates,
                    shop_page,
                ).routes(),
                static_files(),
            ],
            redirect_slashes=False,
            default=templates.nothing_here,
            lifespan=self._lifespan,
        )
        self.app: ASGIApp = ClockMiddleware(rooms, self.yookassa, save=self._save, poke=self._scheduler.poke)

    def _save(self) -> None:
        remembered.save(self.yookassa.state, self._state_file)

    async def delivered(self) -> None:
        """Return when every notification that is due by now has been attempted."""
        await self._scheduler.catch_up()

    async def __aenter__(self) -> Self:
        self._scheduler.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stop sending and leave no task and no connection behind; a repeat is harmless."""
        await self._scheduler.stop()
        self._save()
        await self._outgoing.aclose()

    @asynccontextmanager
    async def _lifespan(self, _app: object) -> AsyncIterator[None]:
        async with self:
            yield
