"""Named, scoped service tokens: who may call. Only their SHA-256 is ever configured."""

import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

REALM = "billing"
WRITTEN = re.compile(r"([^:@\s]+)(?:@([^:@\s]+))?:([0-9a-fA-F]{64}):([a-z]+(?:\+[a-z]+)*)")


@dataclass(frozen=True)
class ServiceToken:
    """The token's name, who calls with it, its SHA-256 and what it may do.

    `owner` is what a caller goes on being known by when its token is replaced; `name` says which token it was.
    """

    name: str
    owner: str
    digest: bytes
    scopes: frozenset[str]


def parse_service_token(text: object) -> object:
    """`name@owner:sha256 in hex:scope+scope`; without `@` the name is the owner's.

    Raises `ValueError` without repeating what was configured.
    """
    if not isinstance(text, str):
        return text
    written = WRITTEN.fullmatch(text)
    if written is None:
        raise ValueError("a token is written name:sha256:scope+scope or name@owner:sha256:scope+scope")
    name, owner, digest, scopes = written.groups()
    return ServiceToken(name, owner or name, bytes.fromhex(digest), frozenset(scopes.split("+")))


def find_token(tokens: Iterable[ServiceToken], presented: str) -> ServiceToken | None:
    """Whose token this is. Every configured digest is compared, each in constant time."""
    digest = sha256(presented.encode()).digest()
    found = None
    for token in tokens:
        if hmac.compare_digest(token.digest, digest):
            found = token
    return found


def challenge(**why: str) -> dict[str, str]:
    """The header that asks for a token; who presented none is told no error.

    https://www.rfc-editor.org/rfc/rfc6750#section-3
    """
    said = {"realm": REALM} | why
    return {"WWW-Authenticate": "Bearer " + ", ".join(f'{name}="{value}"' for name, value in said.items())}
