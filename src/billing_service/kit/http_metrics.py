"""How many requests there were and how long they took, by route and never by path: a path holds somebody's ids."""

import time

from prometheus_client import Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

REQUESTS = Counter(
    "billing_http_requests", "Answered requests.", ["method", "route", "status"], registry=None
)
SECONDS = Histogram(
    "billing_http_seconds",
    "From a request's head to the end of its answer.",
    ["method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
    registry=None,
)
METHODS = frozenset({"GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"})
NOBODYS = "none"
NO_ANSWER = 499


class Measured:
    """Outermost, so that the status is the one that was sent. Anybody can invent methods and paths, so those that
    are no route of ours are counted together."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        # Looking a labelled child up costs more than counting on it.
        self._known: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = NO_ANSWER
        started = time.perf_counter()

        async def send_seen(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, send_seen)
        finally:
            route = scope.get("route")
            template = getattr(route, "path", NOBODYS)
            self._count(scope["method"], template, status, time.perf_counter() - started)

    def _count(self, method: str, route: str, status: int, seconds: float) -> None:
        key = (method, route, status)
        found = self._known.get(key)
        if found is None:
            known_method = method if method in METHODS else "OTHER"
            found = (
                REQUESTS.labels(known_method, route, str(status)),
                SECONDS.labels(known_method, route),
            )
            if method in METHODS:
                self._known[key] = found
        found[0].inc()
        found[1].observe(seconds)
