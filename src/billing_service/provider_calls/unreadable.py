"""Objects of the provider's lists that cannot be compared: told of, one by one, so that none hides the others."""

from billing_service.alarms import service as alarms
from billing_service.kit.alarms import Alarm
from billing_service.provider_calls.kinds import Kind, Row, Seen
from billing_service.services import Services


async def alarm_not_compared(
    services: Services, kind: Kind[Row, Seen], provider_id: str | None, *, because: str
) -> None:
    """Tell of an object of the provider's list that could not be read, settled or captured."""
    ids = {kind.provider_id: provider_id}
    async with services.statements.transaction() as tx:
        await alarms.raise_once(
            tx, Alarm.OBJECT_NOT_COMPARED, provider_id or "without an id", because=because, **ids
        )
