"""How many payments a user may begin: counted by the payments themselves, so that nothing else is ever charged for.

Whoever calls holds the user's lock: no parallel request comes in between counting and inserting.
"""

from collections.abc import Mapping

from billing_service.config import Settings
from billing_service.kit.ratelimit import Rate, Verdict
from billing_service.payments.checkout_queries import Begun
from billing_service.web.ratelimits import CREATE_PAYMENT, admit


def take_place(settings: Settings, begun: Begun) -> Mapping[str, str]:
    """A place for the payment that is inserted next; the headers that say how much is left. Raises `RateLimited`."""
    rate = CREATE_PAYMENT.rate(settings)
    return admit(CREATE_PAYMENT, rate, verdict(begun, rate))


def verdict(begun: Begun, rate: Rate) -> Verdict:
    """The first of those that are counted is the next one to free its place."""
    waited = 0.0 if begun.first_at is None else (begun.now - begun.first_at).total_seconds()
    return Verdict(
        allowed=begun.number < rate.limit,
        remaining=max(rate.limit - begun.number - 1, 0),
        frees_in=rate.seconds - waited,
        shared=True,
    )
