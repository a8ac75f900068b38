"""What every HTTP answer has: a request id, no redirect for a missing slash, never a stack trace."""

import re
from collections.abc import Callable
from secrets import token_hex

import structlog
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SANE_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,63}")
REQUEST_ID = "billing.request_id"


def request_id_of(request: Request) -> str:
    return str(request.scope.get(REQUEST_ID, ""))


class RequestContext:
    """Outermost: names the request (by the caller's `X-Request-ID`, if sane) in its logs and in its answer, and
    answers what nobody expected with `on_crash` instead of a stack trace."""

    def __init__(self, app: ASGIApp, on_crash: Callable[[Request, Exception], Response]) -> None:
        self.app = app
        self.on_crash = on_crash

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = scope[REQUEST_ID] = _presented_id(scope) or token_hex(16)
        header = (b"x-request-id", request_id.encode())
        started = False

        async def send_with_id(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                message["headers"] = [*message["headers"], header]
            await send(message)

        # Not `bound_contextvars`: it first collects everything that is bound, which costs as much as a middleware.
        before = structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            await self.app(scope, receive, send_with_id)
        except ClientDisconnect:
            return  # before all of the request had come: nobody is there to be answered
        except Exception as error:
            answer = self.on_crash(Request(scope), error)
            if started:
                raise
            await answer(scope, receive, send_with_id)
        finally:
            structlog.contextvars.reset_contextvars(**before)


def _presented_id(scope: Scope) -> str | None:
    presented = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"").decode(
        "latin-1"
    )
    return presented if SANE_REQUEST_ID.fullmatch(presented) else None


class BodyLimit:
    """A body of more than `max_bytes` ends as 413, when (and only when) somebody reads it."""

    def __init__(self, app: ASGIApp, max_bytes: int) -> None:
        self.app = app
        self.max_bytes = max_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        read = 0

        async def receive_counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.max_bytes:
                raise HTTPException(413)
            return message

        await self.app(scope, receive_counted, send)


class EitherSlash:
    """Below `prefixes` a path answers the same with and without its last slash; `bare` ones are declared without."""

    def __init__(self, app: ASGIApp, prefixes: tuple[str, ...], bare: frozenset[str]) -> None:
        self.app = app
        self.prefixes = prefixes
        self.bare = bare

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].startswith(self.prefixes):
            stem = scope["path"].rstrip("/")
            path = stem if stem in self.bare else stem + "/"
            if path != scope["path"]:
                # In place: who measures outside wants to see the route that was found.
                scope["path"], scope["raw_path"] = path, path.encode()
        await self.app(scope, receive, send)
