"""What happens at the door on every call, whichever room it goes to."""

from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.scheduler import settle_due


class ClockMiddleware:
    """What is due happens before the call; what the call changed is written down before it is answered."""

    def __init__(
        self, rooms: ASGIApp, yookassa: Yookassa, *, save: Callable[[], None], poke: Callable[[], None]
    ) -> None:
        self._rooms = rooms
        self._yookassa = yookassa
        self._save = save
        self._poke = poke

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._rooms(scope, receive, send)
            return
        # Only looking at a page or at the control API changes nothing; the provider's API logs every call.
        written = not settle_due(self._yookassa) and scope["method"] == "GET" and not _of_the_api(scope)

        async def send_saved(message: Message) -> None:
            nonlocal written
            if not written:
                self._save()
                written = True
            await send(message)

        try:
            await self._rooms(scope, receive, send_saved)
        finally:
            if not written:
                self._save()
            self._poke()


def _of_the_api(scope: Scope) -> bool:
    return str(scope["path"]).startswith("/v3/")
