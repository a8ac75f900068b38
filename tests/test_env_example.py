"""`.env.example` is complete, explains every line, shows the real defaults, and works once it is filled in."""

import hashlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from dotenv import dotenv_values

from billing_service.config import Settings, UnsafeSettings, load

FILLED_IN = {
    "DATABASE_URL": "postgresql://billing:password@db.example:5432/billing",
    "REDIS_URL": "redis://redis.example:6379/0",
    "BILLING_SERVICE_TOKENS": f"main:{hashlib.sha256(b'secret').hexdigest()}:user+read",
    "BILLING_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "YOOKASSA_MODE": "test",
    "YOOKASSA_SHOP_ID_TEST": "200600",
    "YOOKASSA_API_KEY_TEST": "test_secret",
}


@pytest.fixture
def example(repository: Path) -> Path:
    return repository / ".env.example"


@pytest.fixture(autouse=True)
def empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in set(os.environ) - {"PATH"}:
        monkeypatch.delenv(name)


def test_every_setting_is_there_and_nothing_else(example: Path) -> None:
    assert {name.lower() for name in dotenv_values(example)} == set(Settings.model_fields)


def test_every_setting_has_a_line_of_its_own_that_explains_it(example: Path) -> None:
    lines = example.read_text().splitlines()
    settings = [number for number, line in enumerate(lines) if line and not line.startswith("#")]

    unexplained = [lines[number] for number in settings if not lines[number - 1].startswith("# ")]

    assert not unexplained


def test_untouched_it_refuses_to_start(example: Path) -> None:
    with pytest.raises(UnsafeSettings, match="DATABASE_URL: Field required"):
        load(str(example))


def test_filled_in_it_says_exactly_what_the_defaults_say(example: Path, tmp_path: Path) -> None:
    whole = tmp_path / "whole"
    whole.write_text(example.read_text() + "".join(f"{name}={value}\n" for name, value in FILLED_IN.items()))
    only_what_is_needed = {name.lower(): value for name, value in FILLED_IN.items()}

    assert load(str(whole)) == Settings(_env_file=None, **only_what_is_needed)  # type: ignore[arg-type]


def test_its_recipe_for_an_encryption_key_makes_one(example: Path) -> None:
    recipe = re.search(r"^# (python3 -c .+)$", example.read_text(), re.MULTILINE)
    assert recipe

    _, *arguments = shlex.split(recipe[1])

    made = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, check=True)

    assert Fernet(made.stdout.strip()).decrypt(Fernet(made.stdout.strip()).encrypt(b"kept")) == b"kept"


def test_its_recipe_for_a_token_makes_what_the_service_compares(example: Path) -> None:
    recipe = re.search(r"`(printf %s TOKEN \| sha256sum)`", example.read_text())
    assert recipe

    made = subprocess.run(
        ["sh", "-c", recipe[1].replace("TOKEN", "secret")], capture_output=True, text=True, check=True
    )

    assert made.stdout.split()[0] == hashlib.sha256(b"secret").hexdigest()
