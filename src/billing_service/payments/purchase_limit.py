"""How many payments a user may begin: counted by the payments themselves, so that nothing else is ever charged for.

Whoever calls holds the user's lock: no parallel request comes in between counting and inserting.
"""

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from billing_service.config import Settings
from billing_service.kit.ratelimit import Rate, Verdict
from billing_service.payments import queries
from billing_service.payments.queries import Begun
from billing_service.web.ratelimits import CREATE_PAYMENT, admit


async def take_place(session: AsyncSession, settings: Settings, user_id: int) -> Mapping[str, str]:
    """A place for the payment that is inserted next; the headers that say how much is left. Raises `RateLimited`."""
    rate = CREATE_PAYMENT.rate(settings)
    begun = await queries.count_begun(
        session, user_id, within=timedelta(seconds=rate.seconds), at_most=rate.limit
    )
    return admit(CREATE_PAYMENT, rate, verdict(begun, rate))


def verdict(begun: Begun, rate: Rate) -> Verdict:
    """The first of those that are counted is the next one to free its place."""
    age = timedelta(0) if begun.first_at is None else begun.now - begun.first_at
    return Verdict(
        allowed=begun.in_all < rate.limit,
        remaining=max(rate.limit - begun.in_all - 1, 0),
        frees_in=rate.seconds - age.total_seconds(),
        shared=True,
    )
