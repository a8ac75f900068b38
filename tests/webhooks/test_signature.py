"""The operator's own relay signs what it passes on; YooKassa itself signs nothing."""

import hashlib
import hmac
import json
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr

from billing_service.app import create_app
from billing_service.config import Settings
from billing_service.kit.signature import is_signed, sign
from billing_service.services import Services
from tests.stage import MainBackend

SECRET = "a-secret-of-the-relay"
BODY = json.dumps(
    {"type": "notification", "event": "deal.closed", "object": {"id": "30f5d918-000f-5000-8000-18db351245c7"}}
).encode()
SIGNATURE = "sha256=" + hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
WRONG = {
    "another secret": sign(b"another", BODY),
    "another body": sign(SECRET.encode(), BODY + b" "),
    "cut short": SIGNATURE[:-1],
    "longer": f"{SIGNATURE}0",
    "no scheme": SIGNATURE.removeprefix("sha256="),
    "another scheme": SIGNATURE.replace("sha256", "sha1"),
    "empty": "",
    "no ASCII": "sha256=\u0451",
}


@pytest.fixture
async def relayed(services: Services) -> AsyncIterator[MainBackend]:
    """The service that expects the relay's signature."""
    settings = services.settings.model_copy(update={"webhook_hmac_secret": SecretStr(SECRET)})
    async with MainBackend.calling(create_app(settings, replace(services, settings=settings))) as backend:
        yield backend


def test_a_known_signature_is_right() -> None:
    """The figures of RFC 4231, test case 2."""
    signature = "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"

    assert is_signed(b"Jefe", b"what do ya want for nothing?", [signature])


@given(body=st.binary(), other=st.binary(), secret=st.binary(min_size=1))
def test_a_signature_fits_its_own_body_only(body: bytes, other: bytes, secret: bytes) -> None:
    assert is_signed(secret, body, [sign(secret, body)])
    assert is_signed(secret, other, [sign(secret, body)]) is (body == other)


@pytest.mark.parametrize(
    "presented", [[], [SIGNATURE, SIGNATURE], [SIGNATURE, "sha256=00"], *([w] for w in WRONG.values())]
)
def test_everything_else_is_no_signature(presented: list[str]) -> None:
    assert not is_signed(SECRET.encode(), BODY, presented)


async def test_what_the_relay_signed_is_taken(relayed: MainBackend) -> None:
    answer = await relayed.notify(BODY, X_Webhook_Signature=SIGNATURE)

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


@pytest.mark.parametrize(
    "presented", [{}, *({"X_Webhook_Signature": wrong} for wrong in list(WRONG.values())[:-1])]
)
async def test_without_the_right_signature_it_is_refused(
    relayed: MainBackend, presented: dict[str, str]
) -> None:
    answer = await relayed.notify(BODY, **presented)

    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "FORBIDDEN")


async def test_a_stranger_is_refused_although_it_knows_the_secret(relayed: MainBackend) -> None:
    answer = await relayed.notify(BODY, peer="203.0.113.7", X_Webhook_Signature=SIGNATURE)

    assert answer.status_code == 403


async def test_the_size_is_checked_before_the_signature_and_the_signature_before_the_json(
    relayed: MainBackend,
) -> None:
    broken, large = b"{", b" " * 70_000

    assert (await relayed.notify(large)).status_code == 413
    assert (await relayed.notify(broken)).status_code == 403
    assert (
        await relayed.notify(broken, X_Webhook_Signature=sign(SECRET.encode(), broken))
    ).status_code == 400


async def test_without_a_secret_nobody_needs_to_sign(api: MainBackend) -> None:
    assert (await api.notify(BODY)).status_code == 200
    assert (await api.notify(BODY, X_Webhook_Signature="sha256=nonsense")).status_code == 200


def test_a_blank_secret_is_refused_at_start(settings: Settings) -> None:
    with pytest.raises(ValueError, match="webhook_hmac_secret"):
        Settings.model_validate(settings.model_dump() | {"webhook_hmac_secret": "  "})
