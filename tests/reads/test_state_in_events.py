"""The state that events carry comes of one look at a user's periods: it says what each rule says by itself."""

import pytest

from billing_service.services import Services
from tests.ledger import rows
from tests.reads.history import Happening, Writer
from tests.reads.slowly import Books
from tests.reads.test_figures import prove

PLANS = ("TEST_LIVE", "PRO_MONTHLY")
SAID = """
    SELECT known.user_id,
        state ->> 'plan' AS plan, plan_in_force(known.user_id, billing_now()) AS plan_by_rule,
        state ->> 'access_until' AS ends, event_time(pro_ends(known.user_id)) AS ends_by_rule,
        state -> 'spans' AS spans, (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'plan', plan_code, 'begins', event_time(lower(span)), 'ends', event_time(upper(span))
            ) ORDER BY lower(span), id), '[]')
            FROM (
                SELECT * FROM subscription_periods
                WHERE user_id = known.user_id AND upper(span) > billing_now() AND gives_pro(plan_code, chain)
                ORDER BY lower(span), id LIMIT 20
            ) ahead
        ) AS spans_by_rule
    FROM subscriptions known CROSS JOIN LATERAL subscription_state(known.user_id) state
"""


async def test_a_bought_plan_hides_the_day_of_a_one_rouble_payment(services: Services) -> None:
    (now,) = await rows(services.db, "SELECT billing_now() AS at")
    paid = [
        Happening(1, 60 * hours, "paid", plan, 100, False, 0) for hours, plan in enumerate(PLANS, start=1)
    ]

    await Writer(services, now["at"], shop_is_test=False).write(paid)

    (said,) = await rows(services.db, SAID)
    assert said["plan"] == said["plan_by_rule"] == "PRO_MONTHLY"


@pytest.mark.slow
async def test_an_event_says_what_the_rules_say(services: Services, rounds: int) -> None:
    seen = 0

    async def check(_: Books) -> None:
        nonlocal seen
        for said in await rows(services.db, SAID):
            assert said["plan"] == said["plan_by_rule"]
            assert said["ends"] == said["ends_by_rule"]
            assert said["spans"] == said["spans_by_rule"]
            seen += said["plan"] != "FREE" and bool(said["spans"])

    await prove(services, rounds, check)

    assert seen
