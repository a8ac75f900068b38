"""Named, scoped service tokens: who may call. Only their SHA-256 is ever configured."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256


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
    name, _, rest = text.partition(":")
    digest, _, scopes = rest.partition(":")
    granted = frozenset(scope for scope in scopes.split("+") if scope)
    if not name or len(digest) != 64 or not granted:
        raise ValueError("a token is written name:sha256:scope+scope")
    return ServiceToken(name, bytes.fromhex(digest), granted)


def find_token(tokens: Iterable[ServiceToken], presented: str) -> ServiceToken | None:
    """Whose token this is. Every configured digest is compared, each in constant time."""
    digest = sha256(presented.encode()).digest()
    found = None
    for token in tokens:
        if hmac.compare_digest(token.digest, digest):
            found = token
    return found
