"""What `billing-service dev` runs with, and who has the last word."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from billing_service.config import Settings, load
from billing_service.dev.errors import CannotStart
from billing_service.dev.settings import (
    choices,
    dev_settings,
    environment,
    forget_environment,
    refuse_production,
)


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


NOWHERE = "postgresql://billing@127.0.0.1:1/billing"


def settings(**said: str) -> Settings:
    os.environ.update(said)
    return dev_settings(8000, 8010, NOWHERE, "redis://", said=environment(os.environ))


def test_everything_points_at_this_machine() -> None:
    ours = settings()

    assert ours.is_dev
    assert (ours.shop_id, ours.api_key.get_secret_value()) == ("100500", "test_sandbox")
    assert ours.yookassa_api_url == "http://127.0.0.1:8010/v3"
    assert ours.yookassa_return_url == "http://localhost:8000/demo/"


def test_a_command_beside_it_runs_with_the_same_settings() -> None:
    ours = settings(REDIS_KEY_PREFIX="mine", EVENTS_SECRETS="", ADMIN_ENABLED="false")
    chosen = choices(8000, 8010, NOWHERE, "redis://", said=environment(os.environ))
    os.environ.update(chosen)

    assert load() == ours
    assert "ADMIN_ENABLED" not in chosen
    assert not any(set(value) & set(" \"'$`*?\\") for value in chosen.values())  # safe in `env $(cat …)`


def test_what_the_environment_says_wins() -> None:
    assert settings(REDIS_KEY_PREFIX="mine").redis_key_prefix == "mine"


def test_what_the_env_file_says_wins_and_the_environment_wins_over_it() -> None:
    Path(".env").write_text("RATE_LIMIT_POLLING=7/min\nREDIS_KEY_PREFIX=file\n")

    ours = settings(REDIS_KEY_PREFIX="variable")

    assert (ours.rate_limit_polling.limit, ours.redis_key_prefix) == (7, "variable")


def test_a_blank_variable_says_nothing() -> None:
    assert settings(YOOKASSA_SHOP_ID_TEST="").shop_id == "100500"


def test_a_test_shop_of_yookassas_is_taken_whole_with_the_address_of_yookassa() -> None:
    ours = settings(YOOKASSA_SHOP_ID_TEST="200600", YOOKASSA_API_KEY_TEST="test_mine")

    assert (ours.shop_id, ours.yookassa_api_url) == ("200600", "https://api.yookassa.ru/v3")
    assert not ours.shop_is_sandbox


@pytest.mark.parametrize(
    "half", [{"YOOKASSA_SHOP_ID_TEST": "200600"}, {"YOOKASSA_API_KEY_TEST": "test_mine"}], ids=["id", "key"]
)
def test_half_a_shop_is_refused_and_never_mixed_with_the_sandboxs(half: dict[str, str]) -> None:
    with pytest.raises(CannotStart, match="YOOKASSA_SHOP_ID_TEST and YOOKASSA_API_KEY_TEST must be set"):
        settings(**half)


def test_the_sandboxs_shop_is_never_asked_for_at_yookassa() -> None:
    with pytest.raises(
        CannotStart, match=r"YOOKASSA_API_URL in the environment is YooKassa's own, and no shop"
    ):
        settings(YOOKASSA_API_URL="https://api.yookassa.ru/v3")


def test_another_sandbox_may_be_named() -> None:
    elsewhere = "http://127.0.0.1:9000/v3"

    ours = settings(YOOKASSA_API_URL=elsewhere, YOOKASSA_SHOP_ID_TEST="100500")

    assert (ours.yookassa_api_url, ours.shop_is_sandbox) == (elsewhere, True)


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


@pytest.mark.parametrize(
    ("said", "named"),
    [
        ({"BILLING_ENV": "prod"}, "the environment says BILLING_ENV=prod"),
        ({"YOOKASSA_MODE": "prod"}, "the environment says YOOKASSA_MODE=prod, the live shop"),
    ],
)
def test_production_in_the_environment_is_refused_with_the_ways_out(said: dict[str, str], named: str) -> None:
    os.environ.update(said)

    with pytest.raises(CannotStart, match=named) as refusal:
        refuse_production(environment(os.environ))

    assert {"--ignore-env", "--allow-production"} <= set(re.findall(r"--[a-z-]+", str(refusal.value)))


def test_production_in_the_env_file_is_refused_too() -> None:
    Path(".env").write_text("BILLING_ENV=prod\n")

    with pytest.raises(CannotStart, match=r"^\.env says BILLING_ENV=prod"):
        refuse_production(environment(os.environ))


def test_a_forgotten_environment_says_nothing_any_more() -> None:
    Path(".env").write_text("BILLING_ENV=prod\nYOOKASSA_MODE=prod\n")
    os.environ.update({"YOOKASSA_SHOP_ID_TEST": "200600", "redis_key_prefix": "mine"})

    forget_environment()
    ours = dev_settings(8000, 8010, NOWHERE, "redis://", said={}, env_file=None)

    assert (ours.is_dev, ours.shop_is_sandbox, ours.redis_key_prefix) == (True, True, "eatfit24")
