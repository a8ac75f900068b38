"""A charge of which nobody knows whether it reached YooKassa is posted once more for six hours, and never after."""

import pytest

from tests.renewals.actors import Renewals
from tests.renewals.test_keys_rotate_in_doubt import a_charge_in_doubt


@pytest.mark.parametrize(("minutes", "status"), [(355, "SUCCEEDED"), (364, "PENDING")])
async def test_it_is_posted_again_for_six_hours_and_left_to_the_lists_then(
    renewals: Renewals, minutes: int, status: str
) -> None:
    await a_charge_in_doubt(renewals, "lost_before")

    await renewals.pass_time(minutes=minutes)

    assert [charge["status"] for charge in await renewals.charges()] == [status]


async def test_what_was_missed_before_it_was_posted_again_says_nothing_of_that_posting(
    renewals: Renewals,
) -> None:
    """Absent in two passes after the last of them, or a list that is late would let it be charged twice."""
    await a_charge_in_doubt(renewals, "lost_before")
    await charging(renewals, on=False)
    await renewals.pass_time(minutes=75)
    await charging(renewals, on=True)
    await renewals.office.call("PUT", "/faults", [{"operation": "create_payment", "fault": "lost_before"}])
    await renewals.pass_time(minutes=61)
    await charging(renewals, on=False)

    await renewals.pass_time(minutes=65)
    after_one_pass = await renewals.charges()
    await renewals.pass_time(minutes=61)

    assert [charge["status"] for charge in after_one_pass] == ["PENDING"]
    assert [charge["status"] for charge in await renewals.charges()] == ["FAILED"]


async def charging(renewals: Renewals, *, on: bool) -> None:
    wish = {"charging": on, "author": "owner", "reason": "проверка"}
    assert (await renewals.api.internal("PUT", "charging/", wish)).status_code == 200
