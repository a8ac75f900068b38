"""Wait for what a sending brings, as long as a caller can: whoever sends it, and whatever becomes of the caller."""

import asyncio
from uuid import UUID

from billing_service.provider_calls.kinds import Kind, Row, Seen
from billing_service.provider_calls.sending import Claim, post, send
from billing_service.services import Services

CALLER_WAITS_SECONDS = 8
POLL_SECONDS = 0.2


async def sent(
    services: Services, kind: Kind[Row, Seen], intent_id: UUID, claim: Claim[Row] | None = None
) -> Row | None:
    """The row once the provider has it or its outcome is known, sending it ourselves unless somebody already does.

    None if nobody knows yet and nobody is sending it: asking goes on. The sending goes on as well when the caller gives
    up waiting. `claim`: it was just made here, and is ours to send.
    """
    if claim:
        posted = await asyncio.shield(services.background.start(post(services, kind, claim)))
        if posted and not posted.refused_because:
            return posted.row
    else:
        await asyncio.shield(services.background.start(send(services, kind, intent_id)))
    while True:
        async with services.statements.transaction() as tx:
            row, is_being_sent = await kind.with_sending(tx, intent_id)
        if getattr(row, kind.provider_id) is not None or row.status not in kind.open:
            return row
        if not is_being_sent:
            return None
        await asyncio.sleep(POLL_SECONDS)


async def sent_in_time(
    services: Services,
    kind: Kind[Row, Seen],
    intent_id: UUID,
    claim: Claim[Row] | None,
    unanswered: Exception,
) -> Row:
    """The same for a caller who waits for 8 s at most. Raises `unanswered` if nobody knows it by then."""
    try:
        async with asyncio.timeout(CALLER_WAITS_SECONDS) as patience:
            found = await sent(services, kind, intent_id, claim)
    except TimeoutError:
        if patience.expired():
            raise unanswered from None
        raise
    if found is None:
        raise unanswered
    return found
