"""The table of the walks through the provider's lists."""

from datetime import datetime

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class ListWalk(Model):
    """How far one of YooKassa's lists was compared with our rows; each shop has lists of its own.

    Of a step that was interrupted: it ends at `step_until`, and of it what was created before `left_until` is left.
    """

    __tablename__ = "list_walks"
    __table_args__ = (
        CheckConstraint("(step_until IS NULL) = (left_until IS NULL)", name="interrupted_step_is_whole"),
    )

    list: Mapped[str] = mapped_column(primary_key=True)
    shop_id: Mapped[str] = mapped_column(primary_key=True)
    compared_until: Mapped[datetime]
    step_until: Mapped[datetime | None]
    left_until: Mapped[datetime | None]
