"""The row that stands behind every call which moves money: written before the call, closed by what became of it."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.config import Settings


class Intent:
    """The columns of every table of intents.

    `id` is also the provider's idempotence key. An open row without the provider's id means that we do not know yet
    whether the provider has it. `request_body` (encrypted) is what was sent, byte for byte, until the outcome is known.
    """

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    status: Mapped[str] = mapped_column(server_default=text("'PENDING'"))
    shop_id: Mapped[str]
    is_test: Mapped[bool]
    request_body: Mapped[bytes | None]
    first_sent_at: Mapped[datetime | None]
    last_sent_at: Mapped[datetime | None]
    send_lease_until: Mapped[datetime | None]
    outcome_unknown: Mapped[bool] = mapped_column(server_default=text("false"))
    provider_error_id: Mapped[str | None]
    provider_error_code: Mapped[str | None]
    cancellation_party: Mapped[str | None]
    cancellation_reason: Mapped[str | None]
    seen_at: Mapped[datetime | None]
    next_ask_at: Mapped[datetime | None] = mapped_column(
        server_default=text("billing_now() + interval '30 seconds'")
    )
    absent_since: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    updated_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))

    def is_of_shop(self, settings: Settings) -> bool:
        """Whether it was made for the shop we are configured for; no other one may be asked about it or charge it."""
        return (self.shop_id, self.is_test) == (settings.shop_id, settings.shop_is_test)
