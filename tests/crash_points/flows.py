"""Every flow of the service in which a process may die."""

from collections.abc import Sequence

from tests.crash_points import flows_of_days, flows_of_money, flows_of_renewals
from tests.crash_points.world import Flow

FLOWS: Sequence[Flow] = (*flows_of_money.FLOWS, *flows_of_renewals.FLOWS, *flows_of_days.FLOWS)
