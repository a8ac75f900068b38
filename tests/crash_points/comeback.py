"""What follows a death: another process goes on, everything becomes quiet, and the books are read."""

from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, NamedTuple

from sqlalchemy import text

from billing_service.receipts import registration
from billing_service.renewals import looking
from billing_service.subscriptions import service as subscriptions
from billing_service.web.errors.payments import YookassaRejected, YookassaUnavailable
from billing_service.webhooks import dispatch
from billing_service.worker import KINDS, WITH_RECEIPTS
from tests.bad_days.invariants import broken_rules
from tests.crash_points.world import Flow, NotNow, Refused, World
from tests.ledger import rows
from tests.renewals.crowds import (
    RENEWED_TWICE,
    WITHOUT_DAYS,
    taken_by_our_books,
    taken_by_the_provider,
    turn,
)
from tests.stories.silence import walk_to_the_end
from tests.usage.test_under_kills import OVER_THE_LIMIT


class Comeback(NamedTuple):
    """For how many hours nobody works, and whether whoever was not answered asks again then."""

    hours: float
    asks_again: bool


# After the first it has to be as if nothing had been; after the others nothing may be wrong.
SOON, SILENT, LATE = (
    Comeback(0, asks_again=True),
    Comeback(0, asks_again=False),
    Comeback(30, asks_again=True),
)
# The dead one's heartbeat grows old: its jobs are another worker's.
IT_IS_DEAD = "UPDATE pgqueuer SET heartbeat = heartbeat - interval '1 minute'"
# A lease ends; then what is asked about, and walked past, is known; the rest is for the last steps of the ladder. What
# was repeated until it was a day old is asked about once more after the lists were walked past its last repeat.
TURNS: Sequence[Mapping[str, float]] = ({"minutes": 11}, {"hours": 1.1})
FURTHER_TURNS: Sequence[Mapping[str, float]] = ({"hours": 1.1}, {"hours": 7}, {"hours": 25}, {"hours": 7})
IN_DOUBT = """
    SELECT 'payment' AS what FROM payments WHERE status IN ('PENDING', 'WAITING_FOR_CAPTURE')
        AND (outcome_unknown OR is_recurring)
    UNION ALL SELECT 'refund' FROM refunds WHERE status = 'PENDING'
    UNION ALL SELECT 'notification' FROM webhook_logs WHERE status IN ('RECEIVED', 'UNMATCHED')
    UNION ALL SELECT 'job' FROM pgqueuer WHERE status IN ('queued', 'picked')
"""
# The stray a flow begins with, while nobody has decided about it: a person was told, and nobody else gives its days.
UNDECIDED = """
    SELECT subject FROM alarms WHERE kind = 'unmatched_object' AND resolved_at IS NULL AND subject = :stray
        AND subject NOT IN (SELECT yookassa_payment_id FROM payments WHERE yookassa_payment_id IS NOT NULL)
"""
# Name -> who has what in the end. What never became of anything (a checkout nobody paid) is in none of them.
BOOKS = {
    "paid": "SELECT user_id AS who, amount::text AS what FROM payments WHERE status = 'SUCCEEDED'",
    "declined": "SELECT user_id AS who, cancellation_reason AS what FROM payments WHERE status = 'CANCELED'",
    "days": """
        SELECT user_id AS who, round(extract(epoch FROM sum(upper(span) - lower(span))) / 86400)::int AS what
        FROM subscription_periods GROUP BY 1
    """,
    "returned": """
        SELECT p.user_id AS who, r.amount::text || ' ' || r.access AS what FROM refunds r JOIN payments p
        ON p.id = r.payment_id WHERE r.status = 'SUCCEEDED' AND r.applied_at IS NOT NULL
    """,
    "methods": "SELECT user_id AS who, status AS what FROM payment_methods",
    "bindings": "SELECT user_id AS who, status AS what FROM card_bindings",
    "renews": "SELECT user_id AS who, auto_renew AS what FROM subscriptions",
    "consents": "SELECT user_id AS who, withdrawn_at IS NULL AS what FROM consents",
    "notices": "SELECT user_id AS who, told_at IS NOT NULL AS what FROM renewal_notices",
    "grants": "SELECT user_id AS who, revoked_at IS NULL AS what FROM grants",
    "cases": """
        SELECT user_id AS who, c.concluded_at IS NULL AS what
        FROM refund_requests c JOIN payments p ON p.id = c.payment_id
    """,
    "used": "SELECT user_id AS who, photo_ai_requests AS what FROM daily_usage WHERE photo_ai_requests > 0",
    "operations": "SELECT user_id AS who, state AS what FROM usage_operations",
    "told": "SELECT user_id AS who, kind AS what FROM outbox_events WHERE kind <> 'billing.alarm'",
    "audited": "SELECT user_id AS who, action AS what FROM audit_log",
    "alarms": "SELECT NULL::bigint AS who, kind AS what FROM alarms",
    "stops": "SELECT NULL::bigint AS who, source AS what FROM charging_stops WHERE stopped_since IS NOT NULL",
    "days audited": "SELECT NULL::bigint AS who, 1 AS what FROM daily_audits",
    "heard of the shop": "SELECT NULL::bigint AS who, 1 AS what FROM shop_fiscalization",
    "receipts": "SELECT user_id AS who, receipt_registration AS what FROM payments WHERE status = 'SUCCEEDED'",
    "plans": "SELECT NULL::bigint AS who, code || ' ' || price AS what FROM subscription_plans",
}
# What would be wrong however it came about; each answers the rows that are.
NEVER = {
    "paid without days": WITHOUT_DAYS,
    "a period renewed twice": RENEWED_TWICE,
    "told of a payment twice": """
        SELECT user_id, kind FROM outbox_events WHERE kind IN ('payment.succeeded', 'payment.canceled')
        GROUP BY user_id, kind, data ->> 'payment_id' HAVING count(*) > 1
    """,
    "told of a refund twice": """
        SELECT user_id, data ->> 'refund_id' FROM outbox_events WHERE kind = 'payment.refunded'
        GROUP BY 1, 2 HAVING count(*) > 1
    """,
    "told of the days of a payment twice": """
        SELECT user_id, data ->> 'payment_id' FROM outbox_events
        WHERE kind IN ('subscription.activated', 'subscription.extended') AND data ->> 'payment_id' IS NOT NULL
        GROUP BY 1, 2 HAVING count(*) > 1
    """,
    "counted otherwise than admitted": """
        SELECT user_id, date FROM (
            SELECT user_id, date, sum(counted) AS n FROM usage_operations WHERE state = 'counted' GROUP BY 1, 2
        ) counted FULL JOIN (
            SELECT user_id, date, photo_ai_requests AS n FROM daily_usage WHERE photo_ai_requests > 0
        ) used USING (user_id, date) WHERE counted.n IS DISTINCT FROM used.n
            -- What an operator has set back was counted before.
            AND user_id NOT IN (SELECT user_id FROM audit_log WHERE action = 'usage.reset')
    """,
    "above the limit": f"SELECT 1 WHERE ({OVER_THE_LIMIT}) > 0",
}


def comebacks(flow: Flow) -> Mapping[str, Comeback]:
    """What may follow a death in it, by its name."""
    late = {f"{hours} hours later": Comeback(hours, asks_again=True) for hours in flow.later}
    return {"soon": SOON, "nobody asks again": SILENT} | late


async def come_back(world: World, flow: Flow, comeback: Comeback) -> None:
    """Another process goes on where the dead one left off, until nothing is in doubt."""
    async with world.database.engine.begin() as connection:
        await connection.execute(text(IT_IS_DEAD))
    # Whoever was not answered waits for a minute at least: so long the dead one holds what it was sending.
    await turn(world, hours=comeback.hours, minutes=1.1)
    is_answered = not comeback.asks_again or await _asks_again(world, flow, comeback)
    for by in TURNS:
        await _goes_by(world, by)
    await _walk(world)
    for by in FURTHER_TURNS:
        if await rows(world.database, IN_DOUBT):
            await _goes_by(world, by)
            await _walk(world)
    if not is_answered:
        # What was never sent, and is too old to be sent now, has failed; that is an answer.
        with suppress(Refused, YookassaRejected):
            await flow.act(world)


async def _asks_again(world: World, flow: Flow, comeback: Comeback) -> bool:
    """False if he is told to come later: of what is in doubt for a day only the lists can tell."""
    try:
        await flow.act(world)
    except (NotNow, YookassaUnavailable):
        if not comeback.hours:
            raise
        return False
    except Refused:
        # A day later other terms may hold, such as a consent that counts no more; a refusal is an answer.
        if not comeback.hours:
            raise
    return True


async def _goes_by(world: World, by: Mapping[str, float]) -> None:
    services = world.services
    await turn(world, **by)
    await looking.enqueue_due(services)
    for kind in WITH_RECEIPTS:
        await registration.enqueue_due(services, kind)
    await world.asks()
    await dispatch.close_settled(services)
    await subscriptions.tell_ends(services)
    await world.deliver()


async def _walk(world: World) -> None:
    for kind in KINDS:
        await walk_to_the_end(world.services, kind)
    await world.jobs()
    await world.deliver()


async def books(world: World) -> dict[str, Any]:
    """Each book, and the provider's, as what stands in it how often."""
    found: dict[str, Any] = {}
    for name, sql in BOOKS.items():
        counted = Counter((row["who"], str(row["what"])) for row in await rows(world.database, sql))
        found[name] = dict(sorted(counted.items(), key=str))
    theirs = await world.office.payments()
    found["charged there"] = dict(Counter(one["status"] for one in theirs if one["status"] != "pending"))
    return found


async def whatever_is_wrong(world: World) -> dict[str, Any]:
    """Each rule that does not hold, and each kopeck that is here and not there, or there and not here."""
    found: dict[str, Any] = dict(await broken_rules(world.database))
    for name, sql in NEVER.items():
        if wrong := await rows(world.database, sql):
            found[name] = wrong
    if doubts := await rows(world.database, IN_DOUBT):
        found["still in doubt"] = doubts
    if unheard := await _unheard(world):
        found["never told"] = unheard
    ours, theirs = await taken_by_our_books(world), await taken_by_the_provider(world)
    for row in await rows(world.database, UNDECIDED, stray=world.facts.get("stray", "")):
        theirs.pop(row["subject"], None)
    if ours != theirs:
        found["the provider's books"] = {"ours": ours, "theirs": theirs}
    return found


async def _unheard(world: World) -> list[str]:
    """Events that happened, and that the receiver has not heard of."""
    assert world.receiver is not None
    heard = {event["id"] for event in world.receiver.heard}
    happened = await rows(world.database, "SELECT id::text AS id, kind FROM outbox_events")
    return [event["kind"] for event in happened if event["id"] not in heard]
