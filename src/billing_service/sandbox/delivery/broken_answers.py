"""Answers that do not arrive as they should: the connection is cut before or in the middle of them."""

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from billing_service.sandbox.delivery.outgoing import ConnectionLost

# The ASGI extension through which a server lets us cut the client's connection; `serve` provides it.
SEVER = "billing_service.sandbox.sever"


class LostAnswer(Response):
    """Not one byte of an answer."""

    async def __call__(self, scope: Scope, receive: Receive, _send: Send) -> None:
        await _sever(scope, receive)


class TornAnswer(JSONResponse):
    """The headers, half of the body, and the end."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = bytes(self.body)
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
        await _sever(scope, receive)


async def _sever(scope: Scope, receive: Receive) -> None:
    extension = scope.get("extensions", {}).get(SEVER)
    if extension is None:
        raise ConnectionLost("the sandbox was told to lose this answer")
    extension["sever"]()
    while (await receive())["type"] != "http.disconnect":
        pass
