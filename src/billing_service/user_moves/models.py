"""The tables of moves: who became whom, and what of two spans that overlapped was cut."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class UserMove(Model):
    """Everything of one number is another's from `moved_at` on. `moved`: how many rows of each table went along.

    What is so now stands on the user's own row, `subscriptions.moved_to`: he may have moved back since.
    """

    __tablename__ = "user_moves"
    __table_args__ = (
        CheckConstraint("from_user_id <> to_user_id", name="to_another"),
        Index("ix_user_moves_from_user_id", "from_user_id", "moved_at"),
        Index("ix_user_moves_to_user_id", "to_user_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    from_user_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.user_id"))
    to_user_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.user_id"))
    moved_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    moved: Mapped[dict[str, Any]] = mapped_column(JSONB)


class UserMoveCut(Model):
    """Of a period, what was used at the same time as another one before the move: used, and not taken back."""

    __tablename__ = "user_move_cuts"
    __table_args__ = (CheckConstraint("cut > interval '0'", name="positive"),)

    period_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("subscription_periods.id"), primary_key=True, autoincrement=False
    )
    move_id: Mapped[UUID] = mapped_column(ForeignKey("user_moves.id"), primary_key=True)
    cut: Mapped[timedelta]
