"""What is stored encrypted opens with any of the keys, and with no other."""

import pytest
from cryptography.fernet import Fernet
from pydantic import SecretStr

from billing_service.kit.crypto import UnreadableSecret, Vault

OLD, NEW, FOREIGN = (SecretStr(Fernet.generate_key().decode()) for _ in range(3))
BODY = b'{"amount": {"value": "299.00", "currency": "RUB"}}'


def test_what_was_sealed_opens_byte_for_byte() -> None:
    vault = Vault([OLD])

    assert vault.open(vault.seal(BODY)) == BODY


def test_nothing_of_it_can_be_read_and_twice_the_same_looks_different() -> None:
    vault = Vault([OLD])
    first, second = vault.seal(BODY), vault.seal(BODY)

    assert b"299" not in first
    assert first != second


def test_a_new_first_key_still_opens_what_the_old_one_sealed() -> None:
    sealed_before = Vault([OLD]).seal(BODY)
    rotated = Vault([NEW, OLD])

    assert rotated.open(sealed_before) == BODY
    assert Vault([NEW]).open(rotated.seal(BODY)) == BODY


def test_a_foreign_key_opens_nothing() -> None:
    with pytest.raises(UnreadableSecret):
        Vault([FOREIGN]).open(Vault([OLD, NEW]).seal(BODY))


def test_a_changed_byte_is_noticed() -> None:
    sealed = bytearray(Vault([OLD]).seal(BODY))
    sealed[40] = sealed[40] ^ 1

    with pytest.raises(UnreadableSecret):
        Vault([OLD]).open(bytes(sealed))
