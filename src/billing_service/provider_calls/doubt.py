"""An intent in doubt: no request for it has brought an answer, so YooKassa may have it or not."""

from datetime import datetime
from typing import NamedTuple, Self

import structlog

from billing_service.provider_calls.intents import Intent

log = structlog.get_logger()


class Doubt(NamedTuple):
    """What was known of the sending before an answer came."""

    outcome_unknown: bool
    lease_until: datetime | None
    sent_once: bool
    since: datetime | None

    @classmethod
    def about(cls, row: Intent) -> Self:
        return cls(
            row.outcome_unknown,
            row.send_lease_until,
            row.first_sent_at == row.last_sent_at,
            row.first_sent_at,
        )

    def tell_its_end(self, event: str, row: Intent, *, exists: bool) -> None:
        """One line when it is known whether YooKassa has it. While the first request was on its way nobody doubted."""
        on_its_way = self.sent_once and self.lease_until is not None and self.lease_until >= row.updated_at
        if not self.outcome_unknown or on_its_way or self.since is None:
            return
        lasted = row.updated_at - self.since
        log.info(
            event,
            exists=exists,
            status=row.status,
            lasted_seconds=round(lasted.total_seconds()),
        )
