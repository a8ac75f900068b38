"""The one place that knows the HTTP client: how notifications leave, how a lost answer looks in-process."""

import httpx2 as httpx

Transport = httpx.AsyncBaseTransport


class ConnectionLost(httpx.RemoteProtocolError):
    """What a client over ASGI sees when a fault takes the answer away."""


class Outgoing:
    """Posts notifications. `transport` stands in for the network in tests."""

    def __init__(self, transport: Transport | None) -> None:
        # The provider accepts any certificate of a shop, self-signed ones too.
        self._client = httpx.AsyncClient(
            transport=transport,
            timeout=5,
            trust_env=False,
            verify=False,
        )

    async def post(self, url: str, body: bytes) -> str:
        """The HTTP status as text, or the name of what went wrong; never an exception."""
        headers = {"Content-Type": "application/json", "User-Agent": "YooKassa-sandbox-notifier"}
        try:
            response = await self._client.post(url, content=body, headers=headers)
        except Exception as error:  # noqa: BLE001 (an address is what somebody typed: nothing about it stops the sender)
            return _name_of(error)
        return str(response.status_code)

    async def aclose(self) -> None:
        await self._client.aclose()


def _name_of(error: Exception) -> str:
    return _name_of(error.exceptions[0]) if isinstance(error, ExceptionGroup) else type(error).__name__
