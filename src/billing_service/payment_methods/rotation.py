"""After a key was put in front of the others: seal and digest anew by it what older keys have sealed."""

from billing_service.payment_methods import queries
from billing_service.payment_methods.sealing import seal, unseal
from billing_service.services import Services

AT_ONCE = 100


async def seal_anew(services: Services) -> int:
    """Every stored id of a method, a page at a time; answers how many. Then the older keys can go.

    Safe to repeat, to interrupt, and while everything runs: each row is written in a transaction of its own, because
    who holds one while he waits for another would be in the way of a settlement, which takes them in another order.
    Raises `UnreadableSecret` if a key was dropped too early.
    """
    done, after = 0, None
    while True:
        async with services.statements.transaction() as tx:
            page = await queries.list_stored(tx, after=after, limit=AT_ONCE)
        for stored in page:
            sealed = seal(services.settings, unseal(services.settings, stored.sealed_id))
            async with services.statements.transaction() as tx:
                await queries.seal_anew(tx, stored, sealed)
        done += len(page)
        if len(page) < AT_ONCE:
            return done
        after = page[-1].id
