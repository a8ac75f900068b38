"""What the service is told, what it assumes, and what it refuses to start with."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pydantic import ValidationError

from billing_service.config import (
    DEV_DIGEST_KEY,
    DEV_ENCRYPTION_KEY,
    DEV_EVENTS_SECRET,
    DEV_TOKEN,
    SANDBOX_API_KEY,
    SANDBOX_SHOP_ID,
    Settings,
    UnsafeSettings,
    load,
)
from billing_service.config.loading import RENAMED

TOKEN = "main-backend-secret-token"
DIGEST = hashlib.sha256(TOKEN.encode()).hexdigest()
ENCRYPTION_KEY = Fernet.generate_key().decode()
ANOTHER_KEY = Fernet.generate_key().decode()
API_KEY = "live_canaryOfAKeyThatIsNeverShown"

IN_PRODUCTION = {
    "DATABASE_URL": "postgresql://billing:canary-password@127.0.0.1:1/billing",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "BILLING_SERVICE_TOKENS": f"main:{DIGEST}:user+read",
    "BILLING_ENCRYPTION_KEYS": ENCRYPTION_KEY,
    "YOOKASSA_MODE": "prod",
    "YOOKASSA_SHOP_ID_PROD": "200600",
    "YOOKASSA_API_KEY_PROD": API_KEY,
}
RECEIVER = "https://app.eatfit24.ru/billing/events"
EVENTS_SECRET = "whsec_Y2FuYXJ5LW9mLWEtc2VjcmV0LW5ldmVyLXNob3du"
EVENTS = {"EVENTS_URL": RECEIVER, "EVENTS_SECRETS": EVENTS_SECRET}
IN_TEST = {
    "YOOKASSA_MODE": "test",
    "YOOKASSA_SHOP_ID_TEST": "200601",
    "YOOKASSA_API_KEY_TEST": "test_canaryOfAKeyThatIsNeverShown",
}
DEV_DIGEST = hashlib.sha256(DEV_TOKEN.encode()).hexdigest()
SANDBOX = {"YOOKASSA_SHOP_ID_TEST": SANDBOX_SHOP_ID, "YOOKASSA_API_KEY_TEST": SANDBOX_API_KEY}

REFUSALS: dict[str, tuple[dict[str, str], str]] = {
    "prod mode with a test key": ({"YOOKASSA_API_KEY_PROD": "test_abc"}, "holds a test_ key"),
    "test mode with a live key": (IN_TEST | {"YOOKASSA_API_KEY_TEST": API_KEY}, "holds a live_ key"),
    "a live key among the test ones": ({"YOOKASSA_API_KEY_TEST": API_KEY}, "holds a live_ key"),
    "a test key among the live ones": (IN_TEST | {"YOOKASSA_API_KEY_PROD": "test_abc"}, "holds a test_ key"),
    "a key of no kind": ({"YOOKASSA_API_KEY_PROD": "canary-of-no-kind"}, "holds no key of YooKassa's"),
    "a key of no kind among the test ones": (
        {"YOOKASSA_API_KEY_TEST": "canary-of-no-kind"},
        "YOOKASSA_API_KEY_TEST holds no key of YooKassa's",
    ),
    "the test shop as the live one": (
        IN_TEST | {"YOOKASSA_MODE": "prod", "YOOKASSA_SHOP_ID_PROD": IN_TEST["YOOKASSA_SHOP_ID_TEST"]},
        "YOOKASSA_SHOP_ID_PROD and YOOKASSA_SHOP_ID_TEST name one shop",
    ),
    "no mode": ({"YOOKASSA_MODE": ""}, "YOOKASSA_MODE: Field required"),
    "no key for the mode": ({"YOOKASSA_MODE": "test"}, "YOOKASSA_API_KEY_TEST must be set"),
    "a blank key": ({"YOOKASSA_API_KEY_PROD": "   "}, "YOOKASSA_API_KEY_PROD must be set"),
    "a blank shop": ({"YOOKASSA_SHOP_ID_PROD": " "}, "YOOKASSA_API_KEY_PROD must be set"),
    "no tokens": ({"BILLING_SERVICE_TOKENS": " , "}, "BILLING_SERVICE_TOKENS is blank"),
    "a token in clear": ({"BILLING_SERVICE_TOKENS": f"main:{TOKEN}:user"}, "name:sha256:scope+scope"),
    "a token without scopes": ({"BILLING_SERVICE_TOKENS": f"main:{DIGEST}:"}, "name:sha256:scope+scope"),
    "a scope that is none": (
        {"BILLING_SERVICE_TOKENS": f"main:{DIGEST}:user+usages"},
        "BILLING_SERVICE_TOKENS: main has an unknown scope: usages",
    ),
    "a token named as the service": (
        {"BILLING_SERVICE_TOKENS": f"system:{DIGEST}:refund"},
        "BILLING_SERVICE_TOKENS: system stands for what is done without a token",
    ),
    "a token whose owner is named as the command line": (
        {"BILLING_SERVICE_TOKENS": f"desk@cli:{DIGEST}:refund"},
        "BILLING_SERVICE_TOKENS: cli stands for what is done without a token",
    ),
    "a token of two callers": (
        {"BILLING_SERVICE_TOKENS": f"main:{DIGEST}:user,desk:{DIGEST}:admin"},
        "BILLING_SERVICE_TOKENS lists one token twice",
    ),
    "no encryption keys": ({"BILLING_ENCRYPTION_KEYS": ","}, "BILLING_ENCRYPTION_KEYS is blank"),
    "a weak encryption key": ({"BILLING_ENCRYPTION_KEYS": "c2hvcnQ="}, "BILLING_ENCRYPTION_KEYS"),
    "an unknown mode": ({"YOOKASSA_MODE": "live"}, "YOOKASSA_MODE"),
    "an unknown environment": ({"BILLING_ENV": "production"}, "BILLING_ENV"),
    "an unknown time zone": ({"BILLING_TIMEZONE": "Europe/Nowhere"}, "BILLING_TIMEZONE"),
    "another kind of database": ({"DATABASE_URL": "mysql://a:b@c/d"}, "must begin with postgresql://"),
    "a driver in the address": (
        {"DATABASE_URL": "postgresql+psycopg://a@c/d"},
        "must begin with postgresql://",
    ),
    "a password that ends the host": (
        {"DATABASE_URL": "postgresql://billing:canary-password/x@10.0.0.1/billing"},
        "DATABASE_URL: cannot be read",
    ),
    "a password that ends the host of Redis": (
        {"REDIS_URL": "redis://:canary-password#x@10.0.0.1/0"},
        "REDIS_URL: cannot be read",
    ),
    "a port that is none": (
        {"DATABASE_URL": "postgresql://billing@10.0.0.1:99999/billing"},
        "cannot be read",
    ),
    "no address of a Redis": ({"REDIS_URL": "127.0.0.1:6379"}, "must begin with redis://"),
    "the provider in clear text": ({"YOOKASSA_API_URL": "http://api.yookassa.ru/v3"}, "must be https"),
    "a return in clear text": ({"YOOKASSA_RETURN_URL": "http://app.eatfit24.ru/"}, "must be https"),
    "a provider without a host": ({"YOOKASSA_API_URL": "https:///v3"}, "must be https"),
    "a collector without a scheme": (
        {"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"},
        "OTEL_EXPORTER_OTLP_ENDPOINT: must begin with https:// or http://",
    ),
    "a return to an address": (
        {"ALLOWED_RETURN_URL_DOMAINS": "eatfit24.ru,https://app.eatfit24.ru"},
        "ALLOWED_RETURN_URL_DOMAINS",
    ),
    "a return to an asterisk": (
        {"ALLOWED_RETURN_URL_DOMAINS": "*.eatfit24.ru"},
        "ALLOWED_RETURN_URL_DOMAINS",
    ),
    "no proxy to trust": ({"WEBHOOK_TRUST_XFF": "true"}, "WEBHOOK_TRUSTED_PROXIES names none"),
    "everybody a proxy": (
        {"WEBHOOK_TRUSTED_PROXIES": "10.0.0.0/8,0.0.0.0/0"},
        "WEBHOOK_TRUSTED_PROXIES holds an address of WEBHOOK_ALLOWED_NETWORKS",
    ),
    "everybody a proxy by IPv6": ({"WEBHOOK_TRUSTED_PROXIES": "::/0"}, "WEBHOOK_TRUSTED_PROXIES holds"),
    "the dev token": (
        {"BILLING_SERVICE_TOKENS": f"dev:{DEV_DIGEST}:user"},
        "dev token works in dev mode only",
    ),
    "the dev key": ({"BILLING_ENCRYPTION_KEYS": DEV_ENCRYPTION_KEY}, "dev key works in dev mode only"),
    "the dev digest key": (
        {"BILLING_DIGEST_KEYS": f"{ANOTHER_KEY},{DEV_DIGEST_KEY}"},
        "BILLING_DIGEST_KEYS: the dev key works in dev mode only",
    ),
    "one key for both purposes": (
        {"BILLING_DIGEST_KEYS": f"{ANOTHER_KEY},{ENCRYPTION_KEY}"},
        "BILLING_DIGEST_KEYS holds a key of BILLING_ENCRYPTION_KEYS",
    ),
    "a weak digest key": ({"BILLING_DIGEST_KEYS": "c2hvcnQ="}, "BILLING_DIGEST_KEYS: "),
    "renewals without a digest key": (
        {"BILLING_RECURRING_ENABLED": "true", "BILLING_DIGEST_KEYS": " , "},
        "BILLING_DIGEST_KEYS is blank: without one no payment method can be kept",
    ),
    "a canary without a token": ({"CANARY_URL": "https://billing.example"}, "CANARY_TOKEN belong together"),
    "a canary's token without an address": ({"CANARY_TOKEN": "t"}, "CANARY_TOKEN belong together"),
    "a password for the canary": (
        {"CANARY_URL": "https://me:canary-it@billing.example/", "CANARY_TOKEN": "t"},
        "CANARY_URL is where this service answers",
    ),
    "events without a secret": ({"EVENTS_URL": RECEIVER}, "EVENTS_SECRETS is blank"),
    "events in the clear": (
        EVENTS | {"EVENTS_URL": "http://app.eatfit24.ru/events"},
        "EVENTS_URL must be https",
    ),
    "events to this machine": (
        EVENTS | {"EVENTS_URL": "http://127.0.0.1/events"},
        "EVENTS_URL must be https",
    ),
    "a password for events": (EVENTS | {"EVENTS_URL": "https://me:canary-it@eatfit24.ru/"}, "names a user"),
    "a secret of another scheme": (
        {"EVENTS_SECRETS": EVENTS_SECRET.removeprefix("whsec_")},
        "each is whsec_",
    ),
    "a short secret": ({"EVENTS_SECRETS": "whsec_Y2FuYXJ5"}, "each is whsec_"),
    "a secret that libraries read differently": (
        {"EVENTS_SECRETS": EVENTS_SECRET.replace("Y2", "Y-")},
        "each is whsec_",
    ),
    "three secrets": (
        {"EVENTS_SECRETS": ",".join([EVENTS_SECRET[:-4] + end for end in ("MDAw", "MDAx", "MDAy")])},
        "one secret, or two",
    ),
    "one secret twice": ({"EVENTS_SECRETS": f"{EVENTS_SECRET},{EVENTS_SECRET}"}, "one secret, or two"),
    "the dev secret": ({"EVENTS_SECRETS": DEV_EVENTS_SECRET}, "dev secret works in dev mode only"),
    "no event at once": ({"EVENTS_IN_FLIGHT": "0"}, "EVENTS_IN_FLIGHT"),
    "the sandbox's shop": (IN_TEST | SANDBOX, "sandbox's shop works in dev mode only"),
    "the sandbox's shop id": (IN_TEST | {"YOOKASSA_SHOP_ID_TEST": SANDBOX_SHOP_ID}, "works in dev mode only"),
    "nobody may notify": ({"WEBHOOK_ALLOWED_NETWORKS": ","}, "names no network"),
    "all of IPv6 may notify": (
        {"WEBHOOK_ALLOWED_NETWORKS": "185.71.76.0/27,2000::/3"},
        "wider than any provider's",
    ),
    "half of IPv4 may notify": ({"WEBHOOK_ALLOWED_NETWORKS": "176.0.0.0/6"}, "wider than any provider's"),
    "proxies without trust": (
        {"WEBHOOK_TRUSTED_PROXIES": "10.0.0.1"},
        "names proxies, but WEBHOOK_TRUST_XFF is false",
    ),
    "a signature of YooKassa's": ({"WEBHOOK_HMAC_SECRET": "whatever"}, "YooKassa signs nothing"),
    "a limit that starves YooKassa": (
        {"RATE_LIMIT_WEBHOOK_TRUSTED": "100/hour"},
        "would turn YooKassa's notifications away",
    ),
    "a return to everybody": ({"ALLOWED_RETURN_URL_DOMAINS": "eatfit24.ru,ru"}, "ru is everybody's"),
    "an administrator that cannot be": ({"BILLING_ADMIN_USER_IDS": "1,-5"}, "a user's id is positive"),
    "renewals without a receiver": (
        {"BILLING_RECURRING_ENABLED": "true"},
        "EVENTS_URL is blank: without a receiver of events no payer could be told",
    ),
    "a notice of a day": ({"RENEWAL_NOTICE_DAYS": "1"}, "RENEWAL_NOTICE_DAYS: "),
}
NEIGHBOURHOODS = (
    *("127.0.0.1", "127.0.0.0/8", "10.1.2.0/24", "172.16.0.0/12", "192.168.0.1", "100.64.0.0/10"),
    *("::1", "fc00::/7", "fe80::1", "169.254.169.254"),
    # What contains them is no better.
    *("0.0.0.0/0", "::/0", "8.0.0.0/5", "185.71.76.0/27,0.0.0.0/0"),
)


@pytest.fixture
def empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `.env` will be, of a process with nothing in its environment."""
    for name in os.environ:
        monkeypatch.delenv(name)
    return tmp_path


def told(folder: Path, variables: Mapping[str, str]) -> Settings:
    """The settings of a process that finds `variables` in its `.env`."""
    file = folder / ".env"
    file.write_text("".join(f'{name}="{value}"\n' for name, value in variables.items()))
    return load(str(file))


def start(folder: Path, variables: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    command = [str(Path(sys.executable).with_name("billing-service")), "api", "--port", "0"]
    return subprocess.run(
        command, cwd=folder, env=dict(variables), capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize(("variables", "reason"), REFUSALS.values(), ids=REFUSALS.keys())
def test_unsafe_settings_are_refused_with_their_reason(
    empty_folder: Path, variables: dict[str, str], reason: str
) -> None:
    with pytest.raises(UnsafeSettings) as refused:
        told(empty_folder, IN_PRODUCTION | variables)

    assert reason in str(refused.value)


@pytest.mark.parametrize("networks", NEIGHBOURHOODS)
def test_neighbours_are_never_taken_for_yookassa(empty_folder: Path, networks: str) -> None:
    with pytest.raises(UnsafeSettings, match="WEBHOOK_ALLOWED_NETWORKS holds a loopback or private range"):
        told(empty_folder, IN_PRODUCTION | {"WEBHOOK_ALLOWED_NETWORKS": networks})


@pytest.mark.parametrize("name", RENAMED)
def test_a_variable_of_the_legacy_service_is_refused_with_its_new_name(
    empty_folder: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "100500")

    with pytest.raises(UnsafeSettings, match=rf"{name} is no longer read: rename it to YOOKASSA_\w+_TEST"):
        told(empty_folder, IN_PRODUCTION)


@pytest.mark.parametrize("name", RENAMED)
def test_a_variable_of_the_legacy_service_is_found_in_the_file_too(empty_folder: Path, name: str) -> None:
    with pytest.raises(UnsafeSettings, match=f"{name} is no longer read"):
        told(empty_folder, IN_PRODUCTION | {name: "100500"})


def test_no_refusal_repeats_a_secret(empty_folder: Path) -> None:
    secrets = {TOKEN, DIGEST, ENCRYPTION_KEY, ANOTHER_KEY, API_KEY, "canary-password", "c2hvcnQ="}

    for variables, _ in REFUSALS.values():
        with pytest.raises(UnsafeSettings) as refused:
            told(empty_folder, IN_PRODUCTION | variables)
        assert not [secret for secret in secrets if secret in str(refused.value)]


def test_settings_never_show_their_secrets(empty_folder: Path) -> None:
    shown = repr(told(empty_folder, IN_PRODUCTION))

    assert API_KEY not in shown
    assert ENCRYPTION_KEY not in shown
    assert "canary-password" not in shown


def test_an_empty_variable_counts_as_unset(empty_folder: Path) -> None:
    blank = ("BILLING_ENV", "REDIS_KEY_PREFIX", "WEBHOOK_ALLOWED_NETWORKS", "YOOKASSA_API_URL", *RENAMED)

    assert told(empty_folder, IN_PRODUCTION | dict.fromkeys(blank, "")) == told(empty_folder, IN_PRODUCTION)


def test_what_is_not_said_is_as_it_was_in_the_legacy_service(empty_folder: Path) -> None:
    settings = told(
        empty_folder,
        {name: IN_PRODUCTION[name] for name in IN_PRODUCTION if name[:8] != "YOOKASSA"} | IN_TEST,
    )

    assert settings.billing_env == "prod"
    assert settings.yookassa_mode == "test"
    assert settings.shop_is_test
    assert settings.yookassa_api_url == "https://api.yookassa.ru/v3"
    assert settings.yookassa_return_url == "https://app.eatfit24.ru/subscription"
    assert settings.allowed_return_url_domains == ("eatfit24.ru", "app.eatfit24.ru")
    assert settings.redis_key_prefix == "eatfit24"
    assert settings.billing_timezone.key == "Europe/Moscow"
    assert not settings.webhook_trust_xff
    assert not settings.billing_recurring_enabled


def test_notifications_come_from_the_published_networks_by_default(empty_folder: Path) -> None:
    published = (
        *("185.71.76.0/27", "185.71.77.0/27", "77.75.153.0/25", "77.75.154.128/25"),
        *("77.75.156.11", "77.75.156.35", "2a02:5180::/32"),
    )

    assert set(told(empty_folder, IN_PRODUCTION).webhook_allowed_networks) == set(map(ip_network, published))


def test_hosts_to_return_to_are_the_same_in_capitals(empty_folder: Path) -> None:
    settings = told(empty_folder, IN_PRODUCTION | {"ALLOWED_RETURN_URL_DOMAINS": "EatFit24.ru"})

    assert settings.allowed_return_url_domains == ("eatfit24.ru",)


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://billing:p%2Fss@10.0.0.1:5432/billing?sslmode=require",
        "postgresql://billing@first:5432,second:5433/billing",
        "postgresql://billing@[::1]:5432/billing",
        "postgresql:///billing?host=/run/postgresql",
        "postgres://",
    ],
)
def test_every_address_that_the_driver_takes_is_taken(empty_folder: Path, url: str) -> None:
    assert told(empty_folder, IN_PRODUCTION | {"DATABASE_URL": url}).database_url == url


def test_the_mode_chooses_the_shop(empty_folder: Path) -> None:
    live = told(empty_folder, IN_PRODUCTION | IN_TEST | {"YOOKASSA_MODE": "prod"})
    test = told(empty_folder, IN_PRODUCTION | IN_TEST)

    assert (live.shop_id, live.shop_is_test) == ("200600", False)
    assert (test.shop_id, test.shop_is_test) == ("200601", True)


def test_the_environment_wins_over_the_file(empty_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_KEY_PREFIX", "said-aloud")

    assert (
        told(empty_folder, IN_PRODUCTION | {"REDIS_KEY_PREFIX": "written"}).redis_key_prefix == "said-aloud"
    )


def test_several_tokens_are_read_with_their_scopes(empty_folder: Path) -> None:
    tokens = f"main:{DIGEST}:user+read, trainer:{DEV_DIGEST[::-1]}:read"

    settings = told(empty_folder, IN_PRODUCTION | {"BILLING_SERVICE_TOKENS": tokens})

    assert {token.name: set(token.scopes) for token in settings.billing_service_tokens} == {
        "main": {"user", "read"},
        "trainer": {"read"},
    }


def test_dev_mode_allows_what_production_refuses(empty_folder: Path) -> None:
    needed = {name: IN_PRODUCTION[name] for name in ("DATABASE_URL", "REDIS_URL")}

    settings = told(empty_folder, needed | SANDBOX | {"BILLING_ENV": "dev"})

    assert settings.shop_id == SANDBOX_SHOP_ID
    assert ip_network("127.0.0.0/8") in settings.webhook_allowed_networks
    assert {"user", "admin"} <= settings.billing_service_tokens[0].scopes


def test_settings_cannot_be_changed_afterwards(empty_folder: Path) -> None:
    settings = told(empty_folder, IN_PRODUCTION)

    with pytest.raises(ValidationError):
        settings.billing_env = "dev"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("variables", "reason"),
    [
        ({}, "DATABASE_URL: Field required"),
        (IN_PRODUCTION | {"YOOKASSA_API_KEY_PROD": "test_canary"}, "YOOKASSA_API_KEY_PROD holds a test_ key"),
        (IN_PRODUCTION | {"YOOKASSA_SECRET_KEY": "live_canary"}, "YOOKASSA_SECRET_KEY is no longer read"),
        (IN_PRODUCTION, "the database cannot be reached"),
    ],
    ids=["nothing is set", "an unsafe key", "a legacy name", "no database"],
)
def test_the_command_says_why_it_will_not_start(
    tmp_path: Path, variables: dict[str, str], reason: str
) -> None:
    stopped = start(tmp_path, variables)

    assert stopped.returncode == 1
    assert stopped.stderr.startswith("billing-service will not start:")
    assert reason in stopped.stderr
    assert "canary" not in stopped.stdout + stopped.stderr
    assert "Traceback" not in stopped.stderr
