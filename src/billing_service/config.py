"""Every setting of the service, read once from the environment and `.env`, and refused at start when unsafe."""

import os
from collections.abc import Iterable, Mapping
from hashlib import sha256
from ipaddress import ip_network
from typing import Any, Literal, Self, TypeVar
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet
from dotenv import dotenv_values
from pydantic import (
    Field,
    SecretStr,
    ValidationError,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from billing_service.kit.ratelimit import Rate
from billing_service.kit.settings import (
    DatabaseUrl,
    Hosts,
    Networks,
    RedisUrl,
    Secrets,
    Tokens,
    UserIds,
    Web,
    WrittenRate,
)

# https://yookassa.ru/developers/using-api/webhooks: the addresses notifications come from.
YOOKASSA_NETWORKS = (
    "185.71.76.0/27,185.71.77.0/27,77.75.153.0/25,77.75.154.128/25,77.75.156.11,77.75.156.35,2a02:5180::/32"
)
DEV_TOKEN = "dev-token"  # noqa: S105 (known to everybody, and refused outside dev mode)
SCOPES = ("user", "read", "usage", "grant", "refund", "events", "admin")
DEV_TOKENS = f"dev:{sha256(DEV_TOKEN.encode()).hexdigest()}:{'+'.join(SCOPES)}"
DEV_ENCRYPTION_KEY = "ZGV2LW9ubHktZW5jcnlwdGlvbi1rZXktMzItYnl0ZXM="
SANDBOX_SHOP_ID, SANDBOX_API_KEY = "100500", "test_sandbox"
# Mode -> how every key of that kind of shop begins.
KEY_KINDS = {"test": "test_", "prod": "live_"}
# Loopback, private, link-local and carrier ranges: what holds one of them would let neighbours pose as YooKassa.
NEIGHBOURS = tuple(
    ip_network(network)
    for network in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.168.0.0/16", "::/127", "fc00::/7", "fe80::/10"),
    )
)
# The shortest prefix that an allow-list may hold: a provider has a /32 of IPv6 at most.
WIDEST = {4: 16, 6: 29}

RENAMED = {
    "YOOKASSA_SHOP_ID": "YOOKASSA_SHOP_ID_TEST or YOOKASSA_SHOP_ID_PROD",
    "YOOKASSA_API_KEY": "YOOKASSA_API_KEY_TEST or YOOKASSA_API_KEY_PROD",
    "YOOKASSA_SECRET_KEY": "YOOKASSA_API_KEY_TEST or YOOKASSA_API_KEY_PROD",
}


SomeSettings = TypeVar("SomeSettings", bound=BaseSettings)


class UnsafeSettings(Exception):
    """The service refuses to start with these settings; one line a reason, and no secret in any of them."""


class DatabaseSettings(BaseSettings):
    """Where the database is: all that a migration needs to know. The environment wins over `.env`."""

    model_config = SettingsConfigDict(
        extra="ignore",
        frozen=True,
        hide_input_in_errors=True,
        env_ignore_empty=True,
        str_strip_whitespace=True,
    )

    database_url: DatabaseUrl = Field(repr=False)


class Settings(DatabaseSettings):
    """See `.env.example` for a line about each."""

    billing_env: Literal["prod", "dev"] = "prod"
    database_pool_size: int = Field(default=10, ge=2, le=100)
    redis_url: RedisUrl = Field(repr=False)
    redis_key_prefix: str = "eatfit24"
    billing_timezone: ZoneInfo = ZoneInfo("Europe/Moscow")
    billing_service_tokens: Tokens
    billing_encryption_keys: Secrets
    billing_admin_user_ids: UserIds = frozenset()
    billing_recurring_enabled: bool = False

    # No default: a service that was never told would sell in the test shop, where anybody pays with a test card.
    yookassa_mode: Literal["test", "prod"]
    yookassa_shop_id_test: str = ""
    yookassa_api_key_test: SecretStr = SecretStr("")
    yookassa_shop_id_prod: str = ""
    yookassa_api_key_prod: SecretStr = SecretStr("")
    yookassa_api_url: Web = "https://api.yookassa.ru/v3"
    yookassa_return_url: Web = "https://app.eatfit24.ru/subscription"
    allowed_return_url_domains: Hosts = ("eatfit24.ru", "app.eatfit24.ru")

    webhook_trust_xff: bool = False
    webhook_trusted_proxies: Networks = ()
    webhook_allowed_networks: Networks = Field(default=YOOKASSA_NETWORKS, validate_default=True)
    webhook_hmac_secret: SecretStr | None = Field(default=None, min_length=1)

    refund_access_full: Literal["keep", "cut_prorata", "cut_all"] = "cut_all"
    refund_access_partial: Literal["keep", "cut_prorata"] = "keep"

    rate_limit_create_payment: WrittenRate = Rate(20, 3600)
    rate_limit_attempts: WrittenRate = Rate(120, 60)
    rate_limit_polling: WrittenRate = Rate(120, 60)
    rate_limit_webhook: WrittenRate = Rate(100, 3600)
    rate_limit_webhook_strangers: WrittenRate = Rate(1000, 3600)
    rate_limit_webhook_trusted: WrittenRate = Rate(6000, 60)

    retention_webhook_logs_days: int = Field(default=180, ge=2, le=3650)
    retention_alarms_days: int = Field(default=180, ge=2, le=3650)
    retention_job_log_days: int = Field(default=7, ge=1, le=365)

    worker_metrics_port: int | None = Field(default=None, ge=1, le=65535)
    otel_exporter_otlp_endpoint: Web | None = None

    @property
    def is_dev(self) -> bool:
        return self.billing_env == "dev"

    @property
    def shop_id(self) -> str:
        """The shop every new payment belongs to, chosen by `YOOKASSA_MODE`."""
        return self.yookassa_shop_id_prod if self.yookassa_mode == "prod" else self.yookassa_shop_id_test

    @property
    def shop_is_test(self) -> bool:
        return self.yookassa_mode == "test"

    @property
    def shop_is_sandbox(self) -> bool:
        """Whether every payment is pretended; in dev mode only."""
        return self.shop_id == SANDBOX_SHOP_ID

    def offers_live_test(self, user_id: int) -> bool:
        """Whether this user may pay one rouble to try the live shop."""
        return self.yookassa_mode == "prod" and user_id in self.billing_admin_user_ids

    @property
    def api_key(self) -> SecretStr:
        return self.yookassa_api_key_prod if self.yookassa_mode == "prod" else self.yookassa_api_key_test

    @model_validator(mode="before")
    @classmethod
    def _dev_conveniences(cls, values: dict[str, Any]) -> dict[str, Any]:
        if values.get("billing_env") != "dev":
            return values
        dev = {
            "yookassa_mode": "test",
            "billing_service_tokens": DEV_TOKENS,
            "billing_encryption_keys": DEV_ENCRYPTION_KEY,
            "webhook_allowed_networks": f"127.0.0.0/8,::1/128,{YOOKASSA_NETWORKS}",
        }
        return dev | values

    @field_validator("billing_encryption_keys")
    @classmethod
    def _usable_keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for key in keys:
            Fernet(key.get_secret_value())
        return keys

    @model_validator(mode="after")
    def _refuse_to_start_unsafely(self) -> Self:
        refusals = (_credential_refusals, _address_refusals, *SENSELESS, _token_refusals, _key_refusals)
        reasons = [reason for refuses in refusals for reason in refuses(self)]
        if self.billing_recurring_enabled:
            reasons.append("BILLING_RECURRING_ENABLED: this release cannot renew subscriptions yet")
        if reasons:
            raise ValueError("; ".join(reasons))
        return self


def _credential_refusals(settings: Settings) -> Iterable[str]:
    suffix = settings.yookassa_mode.upper()
    key = settings.api_key.get_secret_value()
    if not settings.shop_id or not key:
        yield f"YOOKASSA_SHOP_ID_{suffix} and YOOKASSA_API_KEY_{suffix} must be set"
    for mode, kind in KEY_KINDS.items():
        secret = getattr(settings, f"yookassa_api_key_{mode}").get_secret_value()
        if secret and not secret.startswith(kind):
            yield f"YOOKASSA_API_KEY_{mode.upper()} holds {_kind_of(secret)}, but that shop's begin with {kind}"
    if settings.shop_id and settings.yookassa_shop_id_prod == settings.yookassa_shop_id_test:
        yield "YOOKASSA_SHOP_ID_PROD and YOOKASSA_SHOP_ID_TEST name one shop: it is either of the two"
    if not settings.is_dev and (settings.shop_id == SANDBOX_SHOP_ID or key == SANDBOX_API_KEY):
        yield f"YOOKASSA_SHOP_ID_{suffix} / YOOKASSA_API_KEY_{suffix}: the sandbox's shop works in dev mode only"


def _kind_of(secret: str) -> str:
    """What a key looks like, with nothing of it that is secret."""
    known = (f"a {kind} key" for kind in KEY_KINDS.values() if secret.startswith(kind))
    return next(known, "no key of YooKassa's")


def _address_refusals(settings: Settings) -> Iterable[str]:
    if settings.is_dev:
        return
    allowed = settings.webhook_allowed_networks
    if any(network.overlaps(neighbour) for network in allowed for neighbour in NEIGHBOURS):
        yield "WEBHOOK_ALLOWED_NETWORKS holds a loopback or private range"
    proxies = settings.webhook_trusted_proxies
    if settings.webhook_trust_xff and not proxies:
        yield "WEBHOOK_TRUST_XFF is true, but WEBHOOK_TRUSTED_PROXIES names none"
    # Who is taken for a proxy is skipped, and what a caller wrote to the left of it would be believed.
    if any(proxy.overlaps(network) for proxy in proxies for network in allowed):
        yield "WEBHOOK_TRUSTED_PROXIES holds an address of WEBHOOK_ALLOWED_NETWORKS"
    for name in ("yookassa_api_url", "yookassa_return_url"):
        address = urlsplit(getattr(settings, name))
        if address.scheme != "https" or not address.hostname:
            yield f"{name.upper()} must be https, with a host"


def _senseless_guards(settings: Settings) -> Iterable[str]:
    """What nobody can want in production, and what would only show when a payer is already waiting."""
    if settings.is_dev:
        return
    allowed = settings.webhook_allowed_networks
    if not allowed:
        yield "WEBHOOK_ALLOWED_NETWORKS names no network: no notification could come in"
    if any(network.prefixlen < WIDEST[network.version] for network in allowed):
        yield "WEBHOOK_ALLOWED_NETWORKS holds a network that is wider than any provider's"
    if settings.webhook_trusted_proxies and not settings.webhook_trust_xff:
        yield "WEBHOOK_TRUSTED_PROXIES names proxies, but WEBHOOK_TRUST_XFF is false"
    if settings.webhook_hmac_secret and not settings.webhook_trust_xff and _holds_yookassa(allowed):
        yield "WEBHOOK_HMAC_SECRET is set: YooKassa signs nothing, and its own notifications would all be refused"


def _senseless_limits_and_names(settings: Settings) -> Iterable[str]:
    if settings.is_dev:
        return
    limit, seconds = settings.rate_limit_webhook_trusted
    if limit < seconds:
        yield "RATE_LIMIT_WEBHOOK_TRUSTED is below one a second: it would turn YooKassa's notifications away"
    if bare := [
        host for host in settings.allowed_return_url_domains if "." not in host and host != "localhost"
    ]:
        yield f"ALLOWED_RETURN_URL_DOMAINS: {bare[0]} is everybody's"
    if any(user_id <= 0 for user_id in settings.billing_admin_user_ids):
        yield "BILLING_ADMIN_USER_IDS: a user's id is positive"


SENSELESS = (_senseless_guards, _senseless_limits_and_names)


def _holds_yookassa(allowed: Networks) -> bool:
    published = {ip_network(network) for network in YOOKASSA_NETWORKS.split(",")}
    return any(network in published for network in allowed)


def _token_refusals(settings: Settings) -> Iterable[str]:
    tokens = settings.billing_service_tokens
    if not tokens:
        yield "BILLING_SERVICE_TOKENS is blank"
    for token in tokens:
        if unknown := sorted(token.scopes.difference(SCOPES)):
            yield f"BILLING_SERVICE_TOKENS: {token.name} has an unknown scope: {', '.join(unknown)}"
    if len({token.digest for token in tokens}) < len(tokens):
        yield "BILLING_SERVICE_TOKENS lists one token twice"
    dev_digest = sha256(DEV_TOKEN.encode()).digest()
    if not settings.is_dev and any(token.digest == dev_digest for token in tokens):
        yield "BILLING_SERVICE_TOKENS: the dev token works in dev mode only"


def _key_refusals(settings: Settings) -> Iterable[str]:
    keys = {key.get_secret_value() for key in settings.billing_encryption_keys}
    if not keys:
        yield "BILLING_ENCRYPTION_KEYS is blank"
    if not settings.is_dev and DEV_ENCRYPTION_KEY in keys:
        yield "BILLING_ENCRYPTION_KEYS: the dev key works in dev mode only"


def load(env_file: str | None = ".env", **unless_said: str) -> Settings:
    """The settings of this process, or `UnsafeSettings` with every reason. Without a file only the environment counts.

    `unless_said` are defaults for what neither the environment nor `.env` says; a blank value says nothing.
    """
    said = {name.upper() for name, value in (os.environ | _said_in(env_file)).items() if value}
    if stale := sorted(said & RENAMED.keys()):
        raise UnsafeSettings(
            "\n".join(f"{name} is no longer read: rename it to {RENAMED[name]}" for name in stale)
        )
    unsaid: dict[str, Any] = {name: value for name, value in unless_said.items() if name.upper() not in said}
    return _read(Settings, env_file, unsaid)


def _said_in(env_file: str | None) -> dict[str, str | None]:
    return dotenv_values(env_file) if env_file else {}


def load_database(env_file: str = ".env") -> DatabaseSettings:
    """Where the database is, or `UnsafeSettings`; whatever else is set or missing."""
    return _read(DatabaseSettings, env_file, {})


def _read(kind: type[SomeSettings], env_file: str | None, unsaid: Mapping[str, Any]) -> SomeSettings:
    try:
        return kind(_env_file=env_file, **unsaid)
    except ValidationError as error:
        raise UnsafeSettings("\n".join(_reason(one) for one in error.errors(include_input=False))) from None


def _reason(error: Any) -> str:  # noqa: ANN401 (pydantic's own error dictionary)
    name = ".".join(str(part) for part in error["loc"]).upper()
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"{name}: {message}" if name else message
