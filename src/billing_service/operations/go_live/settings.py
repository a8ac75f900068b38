"""What may be set so while trying things out, and not where people pay. What can never be right stops the start."""

from collections.abc import Iterator
from ipaddress import ip_network
from urllib.parse import urlsplit

from billing_service.config import YOOKASSA_NETWORKS, Settings
from billing_service.operations.findings import Finding

LIVE_KEY = "live_"


def findings(settings: Settings) -> Iterator[Finding]:
    yield Finding("it runs as in production", "BILLING_ENV is dev" if settings.is_dev else None)
    yield Finding("it sells in the live shop", _not_live_because(settings))
    yield Finding("YooKassa is called through TLS", _plain(settings.yookassa_api_url, "YOOKASSA_API_URL"))
    yield Finding("payers return through TLS", _plain(settings.yookassa_return_url, "YOOKASSA_RETURN_URL"))
    yield Finding("every network of YooKassa may notify us", _shut_out(settings))
    yield Finding("cards can be kept", None, _no_cards_because(settings))
    yield Finding("the main backend is told what happens", _untold_because(settings))
    yield Finding("somebody may try the shop for one rouble", _no_try_because(settings))


def _not_live_because(settings: Settings) -> str | None:
    if settings.shop_is_test:
        return "YOOKASSA_MODE is test: anybody pays there with a test card"
    if not settings.api_key.get_secret_value().startswith(LIVE_KEY):
        return f"YOOKASSA_API_KEY_PROD does not begin with {LIVE_KEY}, as the key of a live shop does"
    return None


def _plain(address: str, name: str) -> str | None:
    return None if urlsplit(address).scheme == "https" else f"{name} is not https"


def _shut_out(settings: Settings) -> str | None:
    """https://yookassa.ru/developers/using-api/webhooks lists where notifications come from."""
    theirs = [ip_network(network) for network in YOOKASSA_NETWORKS.split(",")]
    missing = [
        str(network)
        for network in theirs
        if not any(
            network.version == allowed.version and network.subnet_of(allowed)  # type: ignore[arg-type]  # of one kind
            for allowed in settings.webhook_allowed_networks
        )
    ]
    return f"WEBHOOK_ALLOWED_NETWORKS lacks {', '.join(missing)}" if missing else None


def _no_cards_because(settings: Settings) -> str | None:
    if not settings.billing_recurring_enabled:
        return "BILLING_RECURRING_ENABLED is off: nothing is renewed"
    return (
        "whether the shop may charge cards again, /me does not say: the first purchase with a kept card will"
    )


def _untold_because(settings: Settings) -> str | None:
    return None if settings.events_url else "EVENTS_URL is blank: it has to read the feed"


def _no_try_because(settings: Settings) -> str | None:
    return None if settings.billing_admin_user_ids else "BILLING_ADMIN_USER_IDS is blank"
