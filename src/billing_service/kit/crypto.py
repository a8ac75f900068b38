"""Encryption at rest with keys that rotate: the first key encrypts, every key decrypts."""

from collections.abc import Iterable

from cryptography.fernet import Fernet, MultiFernet
from pydantic import SecretStr


class Vault:
    """Fernet (AES-128-CBC with HMAC-SHA256, random nonce). `open` raises `InvalidToken` if no key fits."""

    def __init__(self, keys: Iterable[SecretStr]) -> None:
        self._fernet = MultiFernet([Fernet(key.get_secret_value()) for key in keys])

    def seal(self, plain: bytes) -> bytes:
        return self._fernet.encrypt(plain)

    def open(self, sealed: bytes) -> bytes:
        return self._fernet.decrypt(sealed)
