"""What the network says: YooKassa's address and clock, and the receiver of events."""

from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from secrets import token_bytes
from uuid import uuid4

from pydantic import SecretStr

from billing_service.events.kinds import SCHEMA
from billing_service.events.sender import Answer, Outcome, Sender
from billing_service.kit.clock import AGREE_WITHIN
from billing_service.kit.http import httpx
from billing_service.kit.wire import utc_text
from billing_service.operations.findings import Finding
from billing_service.services import Services

SECONDS = 10
SAYS_NOTHING = "installation.checked"


async def findings(services: Services) -> AsyncIterator[Finding]:
    async for finding in _provider(services.settings.yookassa_api_url):
        yield finding
    if not services.settings.events_url:
        return
    async for finding in _receiver(services.settings.events_url, services.settings.events_secrets):
        yield finding


async def _provider(address: str) -> AsyncIterator[Finding]:
    """Its certificate is checked by the same client that sends payments; its clock is in every answer."""
    what, clock = f"{address} answers", "YooKassa's clock agrees with this machine's"
    try:
        async with httpx.AsyncClient(timeout=SECONDS, trust_env=False) as client:
            response = await client.get(f"{address}/me")
    except httpx.HTTPError as error:
        yield Finding(what, f"{type(error).__name__}: {error}")
        yield Finding(clock, None, "it does not answer")
        return
    yield Finding(what)
    try:
        apart = abs(parsedate_to_datetime(response.headers["date"]) - datetime.now(UTC))
    except (KeyError, ValueError):
        yield Finding(clock, None, "its answer has no date")
        return
    yield Finding(clock, f"they are {apart.total_seconds():.0f} s apart" if apart > AGREE_WITHIN else None)


async def _receiver(address: str, secrets: Sequence[SecretStr]) -> AsyncIterator[Finding]:
    """It has to take what is signed, of a kind that it does not know, and refuse what somebody else signed."""
    signed = await _sent(address, secrets)
    yield Finding(
        "the receiver of events takes what we sign",
        None if signed.outcome is Outcome.DELIVERED else f"it answers {signed.because or signed.outcome}",
    )
    forged = await _sent(address, (_secret_of_nobody(),))
    refused = forged.outcome is not Outcome.DELIVERED
    yield Finding(
        "the receiver of events refuses what others sign",
        None if refused else "it took an event whose signature is wrong: anybody may tell it anything",
        None if signed.outcome is Outcome.DELIVERED or not refused else "it takes nothing at all",
    )


async def _sent(address: str, secrets: Sequence[SecretStr]) -> Answer:
    sender = Sender(address, secrets)
    try:
        return await sender.post(_nothing())
    finally:
        await sender.aclose()


def _nothing() -> dict[str, object]:
    """An event of no user's, in no place of the feed."""
    return {
        "id": str(uuid4()),
        "type": SAYS_NOTHING,
        "schema": SCHEMA,
        "occurred_at": utc_text(datetime.now(UTC)),
        "feed_no": 0,
        "user_seq": 0,
        "user_id": None,
        "data": {},
    }


def _secret_of_nobody() -> SecretStr:
    return SecretStr(f"whsec_{b64encode(token_bytes(32)).decode()}")
