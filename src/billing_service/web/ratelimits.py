"""Every rate limit, in one table; how it is counted for the operators and told to the caller.

| scope | at most | of whom |
|---|---|---|
| `billing_create_payment` | `RATE_LIMIT_CREATE_PAYMENT` | a user; the payments begun are counted |
| `billing_attempts` | `RATE_LIMIT_ATTEMPTS` | a user who asks to pay, whatever comes of it |
| `billing_polling` | `RATE_LIMIT_POLLING` | a user who asks about one payment |
| `billing_webhook` | `RATE_LIMIT_WEBHOOK` | an address (of IPv6 a /64) that is not on the webhook's allow-list |
| `billing_webhook_strangers` | `RATE_LIMIT_WEBHOOK_STRANGERS` | all of those together, and no more keys |
| `billing_webhook_trusted` | `RATE_LIMIT_WEBHOOK_TRUSTED` | an address that is: floods next door cost it nothing |
| `billing_admin_sign_in` | `RATE_LIMIT_ADMIN_SIGN_IN` | an account of the panel, and an address: tried passwords |
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import ceil

from prometheus_client import Counter

from billing_service.config import Settings
from billing_service.kit.ratelimit import Limiter, Rate, Verdict
from billing_service.observability.metrics import RATE_LIMIT_HITS, REGISTRY
from billing_service.web.errors.requests import RateLimited

COUNTED_ALONE = Counter(
    "billing_rate_limit_counted_alone",
    "Requests counted within one process because Redis was out of reach, by scope.",
    ["scope"],
    registry=REGISTRY,
)


@dataclass(frozen=True)
class Scope:
    """One row of the table; its name stands in keys, figures and headers. Strangers are refused in any case."""

    name: str
    setting: str
    of_strangers: bool = False

    def rate(self, settings: Settings) -> Rate:
        return getattr(settings, self.setting)  # type: ignore[no-any-return]

    @property
    def default(self) -> Rate:
        return Settings.model_fields[self.setting].default  # type: ignore[no-any-return]


CREATE_PAYMENT = Scope("billing_create_payment", "rate_limit_create_payment")
ATTEMPTS = Scope("billing_attempts", "rate_limit_attempts")
POLLING = Scope("billing_polling", "rate_limit_polling")
WEBHOOK = Scope("billing_webhook", "rate_limit_webhook", of_strangers=True)
WEBHOOK_STRANGERS = Scope("billing_webhook_strangers", "rate_limit_webhook_strangers", of_strangers=True)
WEBHOOK_TRUSTED = Scope("billing_webhook_trusted", "rate_limit_webhook_trusted")
ADMIN_SIGN_IN = Scope("billing_admin_sign_in", "rate_limit_admin_sign_in")
SCOPES = {
    scope.name: scope
    for scope in (
        *(CREATE_PAYMENT, ATTEMPTS, POLLING, WEBHOOK, WEBHOOK_STRANGERS, WEBHOOK_TRUSTED),
        ADMIN_SIGN_IN,
    )
}


async def take(limiter: Limiter, settings: Settings, scope: Scope, whose: int | str) -> Mapping[str, str]:
    """Count a request of a user or an address; the headers that say how much is left.

    Raises `RateLimited` with the same headers and the seconds to wait; what is refused is not counted.
    """
    rate = scope.rate(settings)
    verdict = await limiter.take(f"{scope.name}:{whose}", rate)
    if not verdict.shared:
        COUNTED_ALONE.labels(scope=scope.name).inc()
    return admit(scope, rate, verdict)


def admit(scope: Scope, rate: Rate, verdict: Verdict) -> Mapping[str, str]:
    """What a verdict means for the caller: the headers, or `RateLimited` with them."""
    headers = headers_of(scope, rate, verdict)
    if not verdict.allowed:
        RATE_LIMIT_HITS.labels(scope=scope.name).inc()
        raise refusal(scope, rate, verdict)
    return headers


def refusal(scope: Scope, rate: Rate, verdict: Verdict) -> RateLimited:
    return RateLimited(
        {"scope": scope.name},
        retry_after=max(ceil(verdict.frees_in), 1),
        headers=headers_of(scope, rate, verdict),
    )


def headers_of(scope: Scope, rate: Rate, verdict: Verdict) -> Mapping[str, str]:
    """As draft-ietf-httpapi-ratelimit-headers-09 words them: quota and window, what remains and when more comes."""
    return {
        "RateLimit-Policy": f'"{scope.name}";q={rate.limit};w={rate.seconds}',
        "RateLimit": f'"{scope.name}";r={verdict.remaining};t={ceil(verdict.frees_in)}',
    }
