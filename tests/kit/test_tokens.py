"""Service tokens: only their SHA-256 is configured, and only the whole token is one."""

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing_service.kit.tokens import ServiceToken, find_token, parse_service_token

SECRET = "a-token"
DIGEST = sha256(SECRET.encode()).hexdigest()
MAIN = ServiceToken("main", "main", bytes.fromhex(DIGEST), frozenset({"user", "read"}))
TRAINER = ServiceToken("trainer", "trainer", sha256(b"another").digest(), frozenset({"read"}))


@pytest.mark.parametrize("text", [f"main:{DIGEST}:user+read", f"main:{DIGEST.upper()}:read+user+read"])
def test_a_written_token_is_read(text: str) -> None:
    assert parse_service_token(text) == MAIN


def test_an_owner_outlives_the_token() -> None:
    token = parse_service_token(f"main-2027@main:{DIGEST}:user+read")

    assert token == replace(MAIN, name="main-2027")
    assert MAIN.owner == "main"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "main",
        f"main@:{DIGEST}:user",
        f"@main:{DIGEST}:user",
        f"a@b@c:{DIGEST}:user",
        f"main:{DIGEST}",
        f"main:{DIGEST}:",
        f"main:{DIGEST}:+",
        f":{DIGEST}:user",
        f"main:{SECRET}:user",
        f"main:{DIGEST[:-1]}:user",
        f"main:{DIGEST}0:user",
        f"main:{'g' * 64}:user",
        f"main:{' ' * 64}:user",
        f"main:{DIGEST[:-2]}  :user",
    ],
)
def test_what_is_no_token_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S") as refused:
        parse_service_token(text)

    assert SECRET not in str(refused.value)
    assert DIGEST[:8] not in str(refused.value)


def test_a_token_is_found_by_its_secret_among_several() -> None:
    assert find_token([TRAINER, MAIN], SECRET) is MAIN
    assert find_token([MAIN, TRAINER], "another") is TRAINER


@given(st.text())
def test_nothing_else_is_a_token(presented: str) -> None:
    found = find_token([MAIN, TRAINER], presented.encode(errors="replace").decode())

    assert (found is not None) is (presented in {SECRET, "another"})
