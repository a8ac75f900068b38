"""What `billing-service dev` runs with, and who has the last word."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from billing_service.config import Settings
from billing_service.dev.errors import CannotStart
from billing_service.dev.settings import dev_settings


@pytest.fixture(autouse=True)
def _clean_place(tmp_path: Path) -> Iterator[None]:
    """Neither a `.env` nor a variable of the person who runs the tests."""
    before, here = dict(os.environ), Path.cwd()
    for name in Settings.model_fields:
        os.environ.pop(name.upper(), None)
    os.chdir(tmp_path)
    yield
    os.chdir(here)
    os.environ.clear()
    os.environ.update(before)


def settings(**said: str) -> Settings:
    os.environ.update(said)
    return dev_settings(8000, 8010, "postgresql://billing@127.0.0.1:1/billing", "redis://")


def test_everything_points_at_this_machine() -> None:
    ours = settings()

    assert ours.is_dev
    assert (ours.shop_id, ours.api_key.get_secret_value()) == ("100500", "test_sandbox")
    assert ours.yookassa_api_url == "http://127.0.0.1:8010/v3"
    assert ours.yookassa_return_url == "http://localhost:8000/demo/"


def test_what_the_environment_says_wins() -> None:
    assert settings(YOOKASSA_SHOP_ID_TEST="777").shop_id == "777"


def test_what_the_env_file_says_wins_and_the_environment_wins_over_it() -> None:
    Path(".env").write_text("YOOKASSA_SHOP_ID_TEST=777\nREDIS_KEY_PREFIX=file\n")

    ours = settings(REDIS_KEY_PREFIX="variable")

    assert (ours.shop_id, ours.redis_key_prefix) == ("777", "variable")


def test_a_blank_variable_says_nothing() -> None:
    assert settings(YOOKASSA_SHOP_ID_TEST="").shop_id == "100500"


def test_unsafe_settings_are_refused_in_one_line() -> None:
    with pytest.raises(CannotStart, match="YOOKASSA_API_KEY_TEST holds a live_ key") as refusal:
        settings(YOOKASSA_API_KEY_TEST="live_0123456789")

    assert "0123456789" not in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_variable_that_was_renamed_is_refused_here_too() -> None:
    with pytest.raises(CannotStart, match="YOOKASSA_SHOP_ID is no longer read"):
        settings(YOOKASSA_SHOP_ID="777")


def test_a_setting_that_misses_is_named() -> None:
    with pytest.raises(CannotStart, match="BILLING_SERVICE_TOKENS: Field required"):
        settings(BILLING_ENV="prod")
