"""Encryption at rest, and digests of what is encrypted, with keys that rotate: the first is used, every one known."""

import hmac
from base64 import urlsafe_b64decode
from collections.abc import Iterable
from hashlib import sha256

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr


class UnreadableSecret(Exception):
    """No configured key opens it: a key was dropped before what it had sealed was gone."""


class Vault:
    """Fernet (AES-128-CBC with HMAC-SHA256, random nonce). `open` raises `UnreadableSecret` if no key fits."""

    def __init__(self, keys: Iterable[SecretStr]) -> None:
        self._fernet = MultiFernet([Fernet(key.get_secret_value()) for key in keys])

    def seal(self, plain: bytes) -> bytes:
        return self._fernet.encrypt(plain)

    def open(self, sealed: bytes) -> bytes:
        try:
            return self._fernet.decrypt(sealed)
        except InvalidToken:
            raise UnreadableSecret from None


class KeyedDigest:
    """HMAC-SHA256 in hex: whoever has no key can neither make one of a guess nor compare it. The first key is the one
    that is written with; what older keys have made is still found."""

    def __init__(self, keys: Iterable[SecretStr]) -> None:
        self._keys = [urlsafe_b64decode(key.get_secret_value()) for key in keys]

    def of(self, plain: str) -> list[str]:
        """One for each key, that of the first key first."""
        return [hmac.new(key, plain.encode(), sha256).hexdigest() for key in self._keys]
