"""Where a new period starts: behind everything granted before, with no hole and no overlap."""

from datetime import datetime
from typing import NamedTuple


class Place(NamedTuple):
    """Where a period lies that is granted `now`: behind everything granted before, or at once."""

    start: datetime
    end: datetime
    now: datetime

    @property
    def is_at_once(self) -> bool:
        return self.start == self.now


# It begins when the last one of its line ends, or now; a day is 24 hours.
PLACE_OF_NEXT = """
    SELECT start, start + {days} * interval '24 hours' AS "end", now FROM (
        SELECT greatest(max(upper(span)), billing_now()) AS start, billing_now() AS now FROM subscription_periods
        WHERE user_id = {user_id} AND period_line(chain) = period_line(period_chain({is_test}, {plan_code}))
    ) behind_the_last
"""
# As a part of the statement that notes the payment as paid, behind a table `paid` of what it bought. Nothing
# is laid for what bought no days.
LAY_PAID = f"""
    INSERT INTO subscription_periods (user_id, plan_code, days, cause, payment_id, granted_at, span)
    SELECT user_id, plan_code, duration_days, 'payment', paid.id, place.now, tstzrange(place.start, place."end")
    FROM paid CROSS JOIN LATERAL ({
    PLACE_OF_NEXT.format(
        user_id="paid.user_id", plan_code="paid.plan_code", days="paid.duration_days", is_test="paid.is_test"
    )
}) place RETURNING id
"""  # noqa: S608
