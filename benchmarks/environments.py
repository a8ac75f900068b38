"""The environments the service is measured in."""

import base64
import os
from dataclasses import dataclass
from hashlib import sha256

from benchmarks.scenarios import TOKEN
from billing_service.config import SANDBOX_API_KEY, SANDBOX_SHOP_ID

KEPT = ("PATH", "HOME", "LANG", "TMPDIR")


@dataclass(frozen=True)
class Servers:
    """The addresses of what the service runs on."""

    database_url: str
    redis_url: str


def production(servers: Servers) -> dict[str, str]:
    """As an operator would write it: JSON logs, several callers, a reverse proxy in front. It calls no provider."""
    callers = {"main": TOKEN, "admin-panel": "another", "reports": "a third"}
    tokens = [f"{name}:{sha256(token.encode()).hexdigest()}:user+usage" for name, token in callers.items()]
    return {
        **{name: os.environ[name] for name in KEPT if name in os.environ},
        "DATABASE_URL": servers.database_url,
        "REDIS_URL": servers.redis_url,
        "BILLING_SERVICE_TOKENS": ",".join(tokens),
        "BILLING_ENCRYPTION_KEYS": base64.urlsafe_b64encode(os.urandom(32)).decode(),
        "YOOKASSA_MODE": "test",
        "YOOKASSA_SHOP_ID_TEST": "500500",
        "YOOKASSA_API_KEY_TEST": "test_benchmark",
        "WEBHOOK_TRUST_XFF": "true",
        "WEBHOOK_TRUSTED_PROXIES": "127.0.0.1",
        "RATE_LIMIT_WEBHOOK_TRUSTED": "1000000/min",  # one load tool notifies more than all of YooKassa
    }


def beside_a_provider(servers: Servers, provider: str) -> dict[str, str]:
    """The same, for what calls the provider. In dev mode, because prod calls nobody without TLS."""
    return production(servers) | {
        "BILLING_ENV": "dev",
        "YOOKASSA_SHOP_ID_TEST": SANDBOX_SHOP_ID,
        "YOOKASSA_API_KEY_TEST": SANDBOX_API_KEY,
        "YOOKASSA_API_URL": f"{provider}/v3",
    }
