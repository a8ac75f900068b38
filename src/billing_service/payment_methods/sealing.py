"""The provider's ids of payment methods, as they are stored: encrypted, and told apart by a digest of another key."""

from typing import NamedTuple

from pydantic import SecretStr

from billing_service.config import Settings
from billing_service.kit.crypto import KeyedDigest, Vault


class SealedId(NamedTuple):
    """`digests`: by every key that is in use, the one to be stored first."""

    sealed: bytes
    digests: list[str]


def seal(settings: Settings, method_id: SecretStr) -> SealedId:
    plain = method_id.get_secret_value()
    return SealedId(Vault(settings.billing_encryption_keys).seal(plain.encode()), digests(settings, plain))


def unseal(settings: Settings, sealed: bytes) -> SecretStr:
    """Raises `UnreadableSecret` if no configured key opens it."""
    return SecretStr(Vault(settings.billing_encryption_keys).open(sealed).decode())


def digests(settings: Settings, method_id: str) -> list[str]:
    """What is stored for this id: by the first key; by the others, if it was stored before."""
    return KeyedDigest(settings.billing_digest_keys).of(method_id)
