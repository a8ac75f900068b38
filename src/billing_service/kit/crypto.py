"""Encryption at rest with keys that rotate: the first key encrypts, every key decrypts."""

from collections.abc import Iterable

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
