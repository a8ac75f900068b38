"""Ask as the main backend does, over HTTP, whether who has paid is PRO: what no query of ours about itself can see."""

from collections.abc import Mapping, Sequence

import structlog
from prometheus_client import Counter

from billing_service.alarms import service as alarms
from billing_service.kit.alarms import Alarm
from billing_service.kit.http import httpx
from billing_service.observability.metrics import REGISTRY
from billing_service.services import Services

log = structlog.get_logger()

AT_ONCE = 10
SECONDS = 20
ASKED = Counter(
    "billing_canary_users",
    "Users who have paid, by what their state said over HTTP: pro, free (they have paid, and are not), or unanswered.",
    ["outcome"],
    registry=REGISTRY,
)
for outcome in ("pro", "free", "unanswered"):
    ASKED.labels(outcome)  # shown from the start as 0, so that the first one is seen as an increase

# By the money alone: a payment of so many days gives access for so long at least, unless something of it went back.
# The newest, and some of an instant by chance in the last month. $2: only these users, to be asked once more.
HAVE_PAID = """
    WITH chosen AS (
        SELECT least(billing_now(), since.at) AS at
        FROM (VALUES (billing_now()), (billing_now() - random() * interval '30 days')) since (at)
    )
    SELECT DISTINCT paid.user_id FROM chosen CROSS JOIN LATERAL (
        SELECT p.user_id FROM payments p JOIN subscription_plans plan ON plan.code = p.plan_code
        WHERE p.status = 'SUCCEEDED' AND p.paid_at <= chosen.at
            AND p.paid_at > billing_now() - interval '60 days' AND p.is_test = $1 AND NOT p.imported
            AND p.purpose = 'PLAN' AND plan.price > 0 AND NOT plan.is_test
            AND p.paid_at > billing_now() - p.duration_days * interval '24 hours' + interval '1 minute'
            AND NOT EXISTS (SELECT FROM refunds r WHERE r.payment_id = p.id AND r.status = 'SUCCEEDED')
            AND ($2::bigint[] IS NULL OR p.user_id = ANY ($2))
        ORDER BY p.paid_at DESC LIMIT $3
    ) paid ORDER BY 1
"""


async def ask(services: Services, transport: httpx.AsyncBaseTransport | None = None) -> None:
    """Ask about a few who have paid; an alarm for each who is not PRO. Does nothing unless it is configured."""
    if services.settings.canary_url is None:
        return
    users = await _have_paid(services)
    if not users:
        return
    try:
        paid = await _asked(services, users, transport)
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
        ASKED.labels("unanswered").inc(len(users))
        log.warning("canary.left_unanswered", users=len(users), error=type(error).__name__)
        return
    # Money may have gone back while we asked.
    suspects = [user for user in users if not paid.get(user)]
    free = await _have_paid(services, suspects) if suspects else []
    ASKED.labels("pro").inc(len(users) - len(suspects))
    ASKED.labels("free").inc(len(free))
    async with services.statements.transaction() as tx:
        for user in free:
            await alarms.raise_once(tx, Alarm.PAID_BUT_FREE, user, user_id=user)


async def _have_paid(services: Services, among: Sequence[int] | None = None) -> Sequence[int]:
    asked = None if among is None else list(among)
    at_most = AT_ONCE if among is None else 2 * AT_ONCE * len(among)
    rows = await services.statements.fetch(HAVE_PAID, services.settings.shop_is_test, asked, at_most)
    return [row["user_id"] for row in rows]


async def _asked(
    services: Services, users: Sequence[int], transport: httpx.AsyncBaseTransport | None
) -> Mapping[int, bool]:
    """User -> whether he is PRO, as the service says. Raises what comes of a failure or of a strange answer."""
    settings = services.settings
    token = settings.canary_token.get_secret_value() if settings.canary_token else ""
    async with httpx.AsyncClient(
        base_url=settings.canary_url or "",
        headers={"Authorization": f"Bearer {token}"},
        timeout=SECONDS,
        transport=transport,
        trust_env=False,
    ) as http:
        answer = await http.post("/internal/v1/users/query/", json={"user_ids": list(users)})
        answer.raise_for_status()
        return {state["user_id"]: state["is_paid"] is True for state in answer.json()["results"]}
