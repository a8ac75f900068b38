"""Post one event to the main backend, signed by the Standard Webhooks scheme, and judge the answer."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, Field, SecretStr, ValidationError
from standardwebhooks import Webhook

from billing_service.config import Settings
from billing_service.kit.http import httpx
from billing_service.kit.version import VERSION
from billing_service.kit.wire import json_of, utc_text

# For everything: connecting, sending, and reading what of the answer is read.
TIMEOUT_SECONDS = 10
READ_BYTES = 4096
GONE = 410


class Outcome(StrEnum):
    """What became of a delivery: the first three are final. `GONE`: the receiver never wants to hear of it."""

    DELIVERED = "delivered"
    GONE = "gone"
    DEAD = "dead"
    FAILED = "failed"


@dataclass(frozen=True)
class Answer:
    """`because` says in a word why it failed; `told`, how the receiver says that the user heard of it."""

    outcome: Outcome
    because: str | None = None
    told: dict[str, str] | None = None


class _Delivered(BaseModel):
    channel: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[^\x00]*$")]
    at: AwareDatetime


class _Body(BaseModel):
    delivered: _Delivered


class Sender:
    """Where events go and what they are signed with, together, as the settings say. Use it as a context manager."""

    def __init__(
        self, url: str, secrets: Sequence[SecretStr], *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self._url = url
        self._signers = [Webhook(secret.get_secret_value()) for secret in secrets]
        # Whatever the environment says of proxies, the body is for this receiver alone.
        self._http = httpx.AsyncClient(
            transport=transport, follow_redirects=False, trust_env=False, timeout=TIMEOUT_SECONDS
        )

    @classmethod
    def of(cls, settings: Settings) -> "Sender | None":
        """None where no receiver is configured."""
        return cls(settings.events_url, settings.events_secrets) if settings.events_url else None

    async def aclose(self) -> None:
        await self._http.aclose()

    async def post(self, event: dict[str, Any]) -> Answer:
        """Never raises for what the receiver or the network does."""
        body = json_of(event)
        try:
            async with asyncio.timeout(TIMEOUT_SECONDS):
                return await self._post(body, self._headers(event["id"], body))
        except (httpx.HTTPError, TimeoutError, OSError) as error:
            return Answer(Outcome.FAILED, because=type(error).__name__)

    async def _post(self, body: bytes, headers: dict[str, str]) -> Answer:
        async with self._http.stream("POST", self._url, content=body, headers=headers) as response:
            if response.is_success:
                return Answer(Outcome.DELIVERED, told=told_in(await _beginning(response)))
            if response.status_code == GONE:
                return Answer(Outcome.GONE)
            return Answer(Outcome.FAILED, because=str(response.status_code))

    def _headers(self, event_id: str, body: bytes) -> dict[str, str]:
        """Signed with every secret, so that the receiver may have either while they are changed. The time is the
        machine's: a receiver compares it with its own."""
        now = datetime.now(UTC)
        signatures = (signer.sign(event_id, now, body.decode()) for signer in self._signers)
        return {
            "content-type": "application/json",
            "accept-encoding": "identity",
            "user-agent": f"billing-service/{VERSION}",
            "webhook-id": event_id,
            "webhook-timestamp": str(int(now.timestamp())),
            "webhook-signature": " ".join(signatures),
        }


async def _beginning(response: httpx.Response) -> bytes:
    read = b""
    async for chunk in response.aiter_raw(READ_BYTES):
        read += chunk
        if len(read) > READ_BYTES:
            break
    return read


def told_in(body: bytes) -> dict[str, str] | None:
    """`{"delivered": {"channel", "at"}}` of a 2xx: that and when the user was told. None for any other body.

    It is what the receiver says and no more: whoever reads it judges whether it can be true.
    """
    if len(body) > READ_BYTES:
        return None
    try:
        delivered = _Body.model_validate_json(body).delivered
        return {"channel": delivered.channel, "at": utc_text(delivered.at)}
    except (ValidationError, OverflowError):
        return None
