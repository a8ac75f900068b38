"""The outbox: what was written, how it is numbered, and what is still to be delivered."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class OutboxEvent(Model):
    """One thing that happened. Written by the SQL function `record_event`, in the transaction of the fact.

    `state` is the user's whole subscription as it was in that transaction, under his lock; null for an event that says
    nothing about it. `feed_no` and `user_seq` are given once it is committed (`publish_events`); `user_id` is null for
    what concerns no user. `answer` is what the receiver said in its 2xx of how the user was told.
    """

    __tablename__ = "outbox_events"
    __table_args__ = (
        CheckConstraint("kind ~ '^[a-z_]+[.][a-z_]+$'", name="kind_is_a_word"),
        CheckConstraint("state IS NULL OR user_id IS NOT NULL", name="state_is_of_a_user"),
        CheckConstraint("(feed_no IS NULL) = (user_seq IS NULL)", name="numbered_wholly"),
        CheckConstraint(
            "(outcome IS NULL) = (concluded_at IS NULL) AND (outcome IS NULL OR feed_no IS NOT NULL)",
            name="concluded_once_numbered",
        ),
        CheckConstraint("outcome IN ('delivered', 'gone', 'dead')", name="outcome_known"),
        CheckConstraint(
            "octet_length(data::text) + coalesce(octet_length(state::text), 0) < 18000", name="small"
        ),
        Index(
            "uq_outbox_events_feed_no", "feed_no", unique=True, postgresql_where=text("feed_no IS NOT NULL")
        ),
        Index("uq_outbox_events_user_id_user_seq", text("coalesce(user_id, 0)"), "user_seq", unique=True),
        Index("uq_outbox_events_once", "once", unique=True, postgresql_where=text("once IS NOT NULL")),
        Index("ix_outbox_events_written_no", "written_no", postgresql_where=text("feed_no IS NULL")),
        Index("ix_outbox_events_occurred_at", "occurred_at"),
        Index(
            "ix_outbox_events_limit_reached",
            "occurred_at",
            postgresql_where=text("kind = 'usage.limit_reached'"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, server_default=text("gen_random_uuid()"))
    written_no: Mapped[int] = mapped_column(BigInteger, Identity(always=True))
    kind: Mapped[str]
    user_id: Mapped[int | None] = mapped_column(BigInteger)
    data: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    once: Mapped[str | None]
    occurred_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    feed_no: Mapped[int | None] = mapped_column(BigInteger)
    user_seq: Mapped[int | None] = mapped_column(BigInteger)
    outcome: Mapped[str | None]
    concluded_at: Mapped[datetime | None]
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class EventFeed(Model):
    """One row: how far the feed is numbered."""

    __tablename__ = "event_feed"
    __table_args__ = (CheckConstraint("singleton", name="singleton"),)

    last_no: Mapped[int] = mapped_column(BigInteger)
    singleton: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))


class EventStream(Model):
    """A user's line, in which his events are delivered one after the other; 0 is the line of what is of no user.

    `next_seq` is the event that is delivered next, tried `attempts` times since `first_tried_at`.
    """

    __tablename__ = "event_streams"
    __table_args__ = (
        CheckConstraint("next_seq BETWEEN 1 AND last_seq + 1", name="next_is_at_most_one_ahead"),
        Index(
            "ix_event_streams_leased_until", "leased_until", postgresql_where=text("leased_until IS NOT NULL")
        ),
        Index("ix_event_streams_due_at", "due_at", postgresql_where=text("next_seq <= last_seq")),
    )

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    last_seq: Mapped[int] = mapped_column(BigInteger)
    next_seq: Mapped[int] = mapped_column(BigInteger, server_default=text("1"))
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    first_tried_at: Mapped[datetime | None]
    due_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    leased_until: Mapped[datetime | None]


class EventReplay(Model):
    """An event that somebody wants to be sent once more, beside its line."""

    __tablename__ = "event_replays"
    __table_args__ = (Index("ix_event_replays_due_at", "due_at"),)

    event_id: Mapped[UUID] = mapped_column(
        ForeignKey("outbox_events.id", ondelete="CASCADE"), primary_key=True
    )
    attempts: Mapped[int] = mapped_column(server_default=text("0"))
    first_tried_at: Mapped[datetime | None]
    due_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    leased_until: Mapped[datetime | None]
