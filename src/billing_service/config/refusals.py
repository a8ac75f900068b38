"""What the service refuses to start with: the settings that are unsafe, or that nobody can want."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from hashlib import sha256
from ipaddress import ip_network
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from billing_service.config.settings import (
    DEV_DIGEST_KEY,
    DEV_ENCRYPTION_KEY,
    DEV_EVENTS_SECRET,
    DEV_TOKEN,
    SANDBOX_API_KEY,
    SANDBOX_SHOP_ID,
    SCOPES,
    YOOKASSA_NETWORKS,
    Settings,
)
from billing_service.kit.callers import RESERVED
from billing_service.kit.settings import Networks
from billing_service.kit.webhook_secrets import is_usable

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
# What a browser says by itself can name nobody.
TAKEN_HEADERS = frozenset(
    {"authorization", "cookie", "host", "origin", "referer", "user-agent", "x-forwarded-for"}
)
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
# The shortest prefix that an allow-list may hold: a provider has a /32 of IPv6 at most.
WIDEST = {4: 16, 6: 29}


def reasons_not_to_start(settings: Settings) -> Iterator[str]:
    """Every reason for which these settings are refused, one line each; no secret stands in any of them."""
    for refuses in REFUSALS:
        yield from refuses(settings)


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
        # Its refunds would pass for what the service sends back by itself, which leaves auto-renewal on.
        if taken := sorted(RESERVED.intersection({token.name, token.owner})):
            yield f"BILLING_SERVICE_TOKENS: {taken[0]} stands for what is done without a token: choose another name"
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
    digest_keys = {key.get_secret_value() for key in settings.billing_digest_keys}
    if not settings.is_dev and DEV_DIGEST_KEY in digest_keys:
        yield "BILLING_DIGEST_KEYS: the dev key works in dev mode only"
    if keys & digest_keys:
        yield "BILLING_DIGEST_KEYS holds a key of BILLING_ENCRYPTION_KEYS: each is for one purpose"


def _event_refusals(settings: Settings) -> Iterable[str]:
    secrets = [secret.get_secret_value() for secret in settings.events_secrets]
    if not all(is_usable(secret) for secret in secrets):
        yield "EVENTS_SECRETS: each is whsec_ and 24 to 64 bytes in standard base64"
    if not settings.is_dev and DEV_EVENTS_SECRET in secrets:
        yield "EVENTS_SECRETS: the dev secret works in dev mode only"
    if len(secrets) > len(set(secrets)) or len(secrets) > 2:
        yield "EVENTS_SECRETS holds one secret, or two different ones while it is changed"
    if settings.events_url is None:
        return
    if not secrets:
        yield "EVENTS_URL is set, and EVENTS_SECRETS is blank"
    address = urlsplit(settings.events_url)
    is_here = settings.is_dev and address.hostname in LOOPBACK
    if not address.hostname or (address.scheme != "https" and not is_here):
        yield "EVENTS_URL must be https, with a host; http only to this machine, in dev mode"
    if address.username or address.password or address.fragment:
        yield "EVENTS_URL names a user or a fragment: what proves that events are ours is their signature"


def _canary_refusals(settings: Settings) -> Iterable[str]:
    if (settings.canary_url is None) != (settings.canary_token is None):
        yield "CANARY_URL and CANARY_TOKEN belong together: one of them is blank"
    if settings.canary_url is None:
        return
    address = urlsplit(settings.canary_url)
    if not address.hostname or address.username or address.password or address.query or address.fragment:
        yield "CANARY_URL is where this service answers, a host and nothing secret"


def _renewal_refusals(settings: Settings) -> Iterable[str]:
    if settings.billing_recurring_enabled and not settings.billing_digest_keys:
        yield "BILLING_DIGEST_KEYS is blank: without one no payment method can be kept"
    if settings.billing_recurring_enabled and settings.events_url is None:
        yield "EVENTS_URL is blank: without a receiver of events no payer could be told, and nothing would be renewed"


def _receipt_refusals(settings: Settings) -> Iterable[str]:
    days = [day for day, _ in settings.receipt_vat_codes]
    if days != sorted(set(days)):
        yield "RECEIPT_VAT_CODES names each day once, the oldest first"
    elif days and days[0] > datetime.now(ZoneInfo("Europe/Moscow")).date():
        yield "RECEIPT_VAT_CODES: none holds yet, the first begins on a day to come"
    if bool(days) != (settings.receipt_tax_system_code is not None):
        yield "RECEIPT_TAX_SYSTEM_CODE and RECEIPT_VAT_CODES belong together: one of them is blank"
    if settings.receipts_mode == "npd" and settings.npd_since is None:
        yield "RECEIPTS_MODE is npd, and NPD_SINCE is blank: nothing would stand in the register"


def _panel_refusals(settings: Settings) -> Iterable[str]:
    header = settings.admin_trusted_header
    if header and not (settings.webhook_trust_xff and settings.webhook_trusted_proxies):
        yield "ADMIN_TRUSTED_HEADER is set, but no proxy is trusted: WEBHOOK_TRUST_XFF and WEBHOOK_TRUSTED_PROXIES"
    if header and header.lower() in TAKEN_HEADERS:
        yield f"ADMIN_TRUSTED_HEADER: {header} means something else, and any browser sends it"


REFUSALS = (
    _credential_refusals,
    _address_refusals,
    _senseless_guards,
    _senseless_limits_and_names,
    _token_refusals,
    _key_refusals,
    _event_refusals,
    _receipt_refusals,
    _canary_refusals,
    _renewal_refusals,
    _panel_refusals,
)
