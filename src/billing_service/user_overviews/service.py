"""One user, whole: everything that belongs to him, read and not judged."""

from collections.abc import Sequence
from dataclasses import dataclass

from billing_service.grants import service as grants
from billing_service.grants.queries import Lying
from billing_service.kit.transaction import Row
from billing_service.services import Services
from billing_service.timeline import service as timeline
from billing_service.timeline.service import Timeline
from billing_service.user_overviews import queries

# So many of each, the newest; one more is read to know whether there are others.
SHOWN = 5


@dataclass(frozen=True)
class Overview:
    """Of the lists, `SHOWN` and one more at most; `periods` are all there are."""

    user_id: int
    timeline: Timeline
    periods: Sequence[Lying]
    payments: Sequence[Row]
    refunds: Sequence[Row]
    methods: Sequence[Row]
    features: Sequence[Row]
    notifications: Sequence[Row]
    alarms: Sequence[Row]


async def read(services: Services, user_id: int) -> Overview:
    """Never writes; a user we have never seen has nothing."""
    statements, more = services.statements, SHOWN + 1
    return Overview(
        user_id=user_id,
        timeline=await timeline.read(services, user_id, before=None, limit=SHOWN),
        periods=await grants.list_periods(services, user_id),
        payments=await queries.list_payments(statements, user_id, more),
        refunds=await queries.list_refunds(statements, user_id, more),
        methods=await queries.list_methods(statements, user_id, more),
        features=await queries.list_features(statements, user_id, services.settings.billing_timezone.key),
        notifications=await queries.list_notifications(statements, user_id, more),
        alarms=await queries.list_alarms(statements, user_id, more),
    )
