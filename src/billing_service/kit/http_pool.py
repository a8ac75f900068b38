"""The wire below httpx by aiohttp, whose connections and parser take a third of the time that httpcore's take.

The client, its timeouts, its errors and its spans are httpx's own, for it meets aiohttp where it met httpcore's pool.
"""

from collections.abc import AsyncIterable, Mapping
from typing import Any

import aiohttp
import httpcore2 as httpcore
from yarl import URL

from billing_service.kit.http import httpx

# In this order: the first that fits. Only what is said while connecting is certain to have sent nothing.
ERRORS: Mapping[type[Exception], type[Exception]] = {
    aiohttp.ConnectionTimeoutError: httpcore.ConnectTimeout,
    aiohttp.ClientConnectorError: httpcore.ConnectError,
    TimeoutError: httpcore.ReadTimeout,
    aiohttp.ClientOSError: httpcore.ReadError,
    aiohttp.ClientError: httpcore.RemoteProtocolError,
    aiohttp.http.HttpProcessingError: httpcore.RemoteProtocolError,
    OSError: httpcore.ReadError,
}
KNOWN = tuple(ERRORS)


class PooledTransport(httpx.AsyncHTTPTransport):
    """`httpx.AsyncHTTPTransport` with no more than `connections`, each kept open for `keepalive_seconds` of idleness.

    Raises what it raises, with one difference: who waits too long for a free connection meets `ConnectTimeout`, and has
    sent nothing either. A question (GET) whose kept connection turns out to be closed is asked once more on a new one.
    """

    def __init__(self, *, connections: int, keepalive_seconds: float) -> None:
        self._pool = _Pool(connections, keepalive_seconds)


class _Pool(httpcore.AsyncConnectionPool):
    def __init__(self, connections: int, keepalive_seconds: float) -> None:
        super().__init__()
        self._limits: Mapping[str, Any] = {"limit": connections, "keepalive_timeout": keepalive_seconds}
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        if self._session is None:
            self._session = self._opened()
        try:
            async with self._session.request(
                request.method.decode(),
                URL(bytes(request.url).decode(), encoded=True),
                headers=[(name.decode(), value.decode("latin-1")) for name, value in request.headers],
                data=await _body(request) or None,
                timeout=_timeout(request),
                allow_redirects=False,
            ) as answer:
                content = await answer.read()
                return httpcore.Response(answer.status, headers=list(answer.raw_headers), content=content)
        except KNOWN as error:
            kind = next(ours for theirs, ours in ERRORS.items() if isinstance(error, theirs))
            raise kind(str(error)) from error

    def _opened(self) -> aiohttp.ClientSession:
        """Trusts whom httpx trusts; keeps no cookies; what is compressed is httpx's to read."""
        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(ssl=httpx.create_ssl_context(), **self._limits),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
        )

    async def aclose(self) -> None:
        if self._session is not None:
            await self._session.close()


async def _body(request: httpcore.Request) -> bytes:
    if not isinstance(request.stream, AsyncIterable):
        raise TypeError("a body to be sent asynchronously")
    return b"".join([part async for part in request.stream])


def _timeout(request: httpcore.Request) -> aiohttp.ClientTimeout:
    """Waiting for a free connection and making one are one time there."""
    seconds = request.extensions.get("timeout", {})
    pool, connect = seconds.get("pool"), seconds.get("connect")
    both = None if pool is None or connect is None else pool + connect
    return aiohttp.ClientTimeout(
        total=None, connect=both, sock_connect=connect, sock_read=seconds.get("read")
    )
