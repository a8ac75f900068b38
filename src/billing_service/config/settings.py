"""Every setting of the service, with its default."""

from datetime import date
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from cryptography.fernet import Fernet
from pydantic import (
    Field,
    SecretStr,
    field_validator,
    model_validator,
)
from pydantic_settings import BaseSettings, SettingsConfigDict

from billing_service.kit.ratelimit import Rate
from billing_service.kit.settings import (
    DatabaseUrl,
    DatedCodes,
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
DEV_EVENTS_SECRET = "whsec_ZGV2LW9ubHktZXZlbnRzLXNlY3JldC0zMi1ieXRlcyE="  # noqa: S105 (the same)
DEV_DIGEST_KEY = "ZGV2LW9ubHktZGlnZXN0LWtleS0tLS0tLTMyLWJ5dGU="
DEV_PANEL_ACCOUNT, DEV_PANEL_PASSWORD = "dev", "dev-password"
SANDBOX_SHOP_ID, SANDBOX_API_KEY = "100500", "test_sandbox"


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
    database_direct_url: DatabaseUrl | None = Field(default=None, repr=False)

    @property
    def direct_url(self) -> str:
        """Where a session is one connection to the server: for who listens, migrates or imports."""
        return self.database_direct_url or self.database_url

    @property
    def is_pooled(self) -> bool:
        """Whether `database_url` leads to a pooler that lends each transaction another connection."""
        return self.database_direct_url is not None


class Settings(DatabaseSettings):
    """See `.env.example` for a line about each."""

    billing_env: Literal["prod", "dev"] = "prod"
    database_pool_size: int = Field(default=10, ge=2, le=100)
    redis_url: RedisUrl = Field(repr=False)
    redis_key_prefix: str = "eatfit24"
    billing_timezone: ZoneInfo = ZoneInfo("Europe/Moscow")
    billing_service_tokens: Tokens
    billing_encryption_keys: Secrets
    billing_digest_keys: Secrets = ()
    billing_admin_user_ids: UserIds = frozenset()
    billing_recurring_enabled: bool = False
    renewal_window_hours: int = Field(default=24, ge=1, le=72)
    renewal_grace_days: int = Field(default=5, ge=1, le=30)
    renewal_notice_days: int = Field(default=4, ge=3, le=30)
    renewal_trip_declines: int = Field(default=30, ge=1, le=100)
    renewal_hourly_limit: Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=2)] = Decimal(
        "5000000.00"
    )
    renewals_in_flight: int = Field(default=8, ge=1, le=20)

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
    refund_request_days: int = Field(default=10, ge=1, le=90)

    receipts_mode: Literal["auto", "off", "npd"] = "auto"
    receipt_tax_system_code: int | None = Field(default=None, ge=1, le=6)
    receipt_vat_codes: DatedCodes = ()
    receipt_payment_subject: Literal[
        "service", "intellectual_activity", "property_right", "job", "commodity", "composite", "another"
    ] = "service"
    receipt_payment_mode: Literal["full_payment", "full_prepayment"] = "full_payment"

    npd_since: date | None = None
    # Law 422-FZ, article 4: above it the regime ends.
    npd_yearly_limit: Annotated[Decimal, Field(gt=0, max_digits=12, decimal_places=2)] = Decimal("2400000.00")

    rate_limit_create_payment: WrittenRate = Rate(20, 3600)
    rate_limit_attempts: WrittenRate = Rate(120, 60)
    rate_limit_polling: WrittenRate = Rate(120, 60)
    rate_limit_webhook: WrittenRate = Rate(100, 3600)
    rate_limit_webhook_strangers: WrittenRate = Rate(1000, 3600)
    rate_limit_webhook_trusted: WrittenRate = Rate(6000, 60)

    rate_limit_admin_sign_in: WrittenRate = Rate(20, 900)

    admin_enabled: bool = False
    admin_trusted_header: str | None = Field(default=None, pattern=r"^[A-Za-z0-9-]{1,64}$")

    events_url: Web | None = None
    events_secrets: Secrets = ()
    events_in_flight: int = Field(default=20, ge=1, le=1000)
    # An event is tried for four days: nobody forgets one that is still on its way.
    events_kept_days: int = Field(default=400, ge=5, le=3650)
    retention_webhook_logs_days: int = Field(default=180, ge=2, le=3650)
    retention_alarms_days: int = Field(default=180, ge=2, le=3650)
    retention_job_log_days: int = Field(default=7, ge=1, le=365)

    canary_url: Web | None = None
    canary_token: SecretStr | None = None

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
            "billing_digest_keys": DEV_DIGEST_KEY,
            # So that fiscalisation can be switched on in the sandbox, and everything goes on.
            "receipt_tax_system_code": 2,
            "receipt_vat_codes": "2020-01-01:1",
            "webhook_allowed_networks": f"127.0.0.0/8,::1/128,{YOOKASSA_NETWORKS}",
        }
        return dev | values

    @field_validator("billing_encryption_keys", "billing_digest_keys")
    @classmethod
    def _usable_keys(cls, keys: tuple[SecretStr, ...]) -> tuple[SecretStr, ...]:
        for key in keys:
            Fernet(key.get_secret_value())
        return keys
