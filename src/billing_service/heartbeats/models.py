"""The table of workers that are at work."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class WorkerHeartbeat(Model):
    """One worker process, from its start to its clean end; a killed one stays until it is cleared away.

    The times are the database's own and not `billing_now()`: a turned clock must not change who is alive.
    """

    __tablename__ = "worker_heartbeats"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    version: Mapped[str]
    started_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    seen_at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
