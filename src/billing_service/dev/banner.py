"""What to open, once everything runs: what is said here is read from the settings in force."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from billing_service.config import DEV_PANEL_ACCOUNT, DEV_PANEL_PASSWORD, DEV_TOKEN, Settings
from billing_service.kit.tokens import find_token

# In the data folder: what `dev` chose, for commands that are run beside it.
COMMANDS = "env"


def banner(settings: Settings, port: int, sandbox_port: int, data: Path, said: Mapping[str, str]) -> str:
    """Addresses that the environment named may hold passwords and are not shown."""
    lines = "\n".join(
        f"  {what:<21}{where}" for what, where in _lines(settings, port, sandbox_port, data, said)
    )
    return f"\nEverything runs. Ctrl-C stops it; the data stay.\n\n{lines}\n"


def _lines(
    settings: Settings, port: int, sandbox_port: int, data: Path, said: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    takes_dev_token = find_token(settings.billing_service_tokens, DEV_TOKEN) is not None
    if settings.is_dev and takes_dev_token:
        yield "buy a subscription", f"http://localhost:{port}/demo/"
    if settings.admin_enabled:
        known = f" ({DEV_PANEL_ACCOUNT}, {DEV_PANEL_PASSWORD})" if settings.shop_is_sandbox else ""
        yield "the owner's panel", f"http://localhost:{port}/admin/{known}"
    yield "the API, explained", f"http://localhost:{port}/docs"
    yield "token to try it", DEV_TOKEN if takes_dev_token else "yours, from BILLING_SERVICE_TOKENS"
    yield "payments go to", _shop(settings)
    unused = "" if settings.shop_is_sandbox else " (nothing is paid there)"
    yield "pretend YooKassa", f"http://localhost:{sandbox_port}/{unused}"
    yield "PostgreSQL", "yours" if "DATABASE_URL" in said else settings.database_url
    yield "Valkey", "yours" if "REDIS_URL" in said else settings.redis_url
    yield "data", str(data)
    if (data / COMMANDS).is_file():
        yield "commands beside it", f"env $(cat {data / COMMANDS}) .venv/bin/billing-service user 1001"


def _shop(settings: Settings) -> str:
    if settings.shop_is_sandbox:
        return "the pretend YooKassa: no money moves"
    if settings.shop_is_test:
        return f"YooKassa's test shop {settings.shop_id}: no money moves"
    return f"the LIVE shop {settings.shop_id}: REAL MONEY moves"
