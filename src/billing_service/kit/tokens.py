"""Named, scoped service tokens: who may call. Only their SHA-256 is ever configured."""

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

WRITTEN = re.compile(r"([^:\s]+):([0-9a-fA-F]{64}):([a-z]+(?:\+[a-z]+)*)")


@dataclass(frozen=True)
class ServiceToken:
    """A caller's name, the SHA-256 of its token and what it may do."""

    name: str
    digest: bytes
    scopes: frozenset[str]


def parse_service_token(text: object) -> object:
    """`name:sha256 in hex:scope+scope`. Raises `ValueError` without repeating what was configured."""
    if not isinstance(text, str):
        return text
    written = WRITTEN.fullmatch(text)
    if written is None:
        raise ValueError("a token is written name:sha256:scope+scope")
    name, digest, scopes = written.groups()
    return ServiceToken(name, bytes.fromhex(digest), frozenset(scopes.split("+")))


def find_token(tokens: Iterable[ServiceToken], presented: str) -> ServiceToken | None:
    """Whose token this is. Every configured digest is compared, each in constant time."""
    digest = sha256(presented.encode()).digest()
    found = None
    for token in tokens:
        if hmac.compare_digest(token.digest, digest):
            found = token
    return found
