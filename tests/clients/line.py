"""The network between a client and the service, which a test may cut."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from starlette.types import ASGIApp

from billing_service.kit.http import httpx
from tests.stage import in_process

Fault = Callable[[httpx.Request], httpx.Response | None]


def unreachable(request: httpx.Request) -> None:
    """Nothing is sent."""
    raise httpx.ConnectError("connection refused", request=request)


def says(status: int, **headers: str) -> Fault:
    """Somebody in between answers instead."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda _: httpx.Response(status, headers=named, html="<h1>sorry</h1>")


def answer_lost(_: httpx.Request) -> None:
    """It is done, and the answer never comes."""
    return


@dataclass
class Line(httpx.AsyncBaseTransport):
    """`faults` happen to the next requests, one each; `cut` to all of them."""

    service: ASGIApp
    faults: list[Fault] = field(default_factory=list)
    cut: bool = False
    sent: list[httpx.Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._through = in_process(self.service)

    def will(self, *faults: Fault) -> None:
        self.faults = list(faults)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        self.sent.append(request)
        fault = unreachable if self.cut else self.faults.pop(0) if self.faults else None
        if fault is not answer_lost:
            return (fault(request) if fault else None) or await self._through.handle_async_request(request)
        response = await self._through.handle_async_request(request)
        await response.aread()
        raise httpx.ReadTimeout("no answer", request=request)

    def keys(self) -> set[str]:
        return {request.headers["Idempotency-Key"] for request in self.sent}

    def calls(self) -> Iterable[str]:
        return [f"{request.method} {request.url.path}" for request in self.sent]
