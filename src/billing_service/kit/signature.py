"""HMAC-SHA256 over a raw body: who knows the secret sent exactly these bytes."""

import hmac
from collections.abc import Sequence

SCHEME = "sha256="


def sign(secret: bytes, body: bytes) -> str:
    """What the header says: `sha256=` and the digest in hex."""
    return SCHEME + hmac.digest(secret, body, "sha256").hex()


def is_signed(secret: bytes, body: bytes, presented: Sequence[str]) -> bool:
    """Whether exactly one signature is presented and it is the right one, compared in constant time."""
    if len(presented) != 1:
        return False
    return hmac.compare_digest(sign(secret, body).encode(), presented[0].encode())
