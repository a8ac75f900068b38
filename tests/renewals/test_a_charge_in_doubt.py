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
