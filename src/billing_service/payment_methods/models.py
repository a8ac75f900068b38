"""The tables of saved payment methods, of their bindings and refusals."""

from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model
from billing_service.kit.transitions import next_state
from billing_service.payment_methods.states import MOVES, Binding, Report
from billing_service.provider_calls.intents import Intent

ACTIVE = "ACTIVE"


def card_mask(last4: str | None) -> str | None:
    """All that is ever shown of a card's number; None for what is no card."""
    return f"•••• {last4}" if last4 else None


class PaymentMethod(Model):
    """Something that can be charged without its owner being there, while it is `ACTIVE`.

    `sealed_id` is the provider's id, encrypted; it is erased as soon as the method may not be charged any more:
    `REPLACED` by a newer one, `ENDED` at its bank, or `REFUSED`, which a trigger makes final. `id_digest` is made of
    the id under a key of its own, and is all that tells one from another. `expires` is a month, such as 2030-11. Other
    methods than cards have neither digits, brand nor month. One that was imported has no consent: nothing is charged
    before its owner agrees here, and a trigger keeps out what was refused here.
    """

    __tablename__ = "payment_methods"
    __table_args__ = (
        CheckConstraint("status IN ('ACTIVE', 'REPLACED', 'ENDED', 'REFUSED')", name="status_known"),
        CheckConstraint("(status = 'ACTIVE') = (sealed_id IS NOT NULL)", name="only_active_can_be_charged"),
        CheckConstraint("(status = 'ACTIVE') = (ended_at IS NULL)", name="ended_once_inactive"),
        CheckConstraint("(status = 'REFUSED') = (refused_at IS NOT NULL)", name="refused_at_its_refusal"),
        CheckConstraint("card_last4 ~ '^[0-9]{4}$'", name="card_last4_four_digits"),
        CheckConstraint("expires ~ '^[0-9]{4}-(0[1-9]|1[0-2])$'", name="expires_month"),
        UniqueConstraint("id_digest", name="uq_payment_methods_id_digest"),
        UniqueConstraint("id", "user_id", "shop_id", "is_test", name="uq_payment_methods_owner"),
        ForeignKeyConstraint(
            ["consent_id", "user_id"],
            ["consents.id", "consents.user_id"],
            name="fk_payment_methods_consent",
            deferrable=True,
        ),
        Index(
            "uq_payment_methods_active",
            *("user_id", "shop_id", "is_test"),
            unique=True,
            postgresql_where=text("status = 'ACTIVE'"),
        ),
        Index("ix_payment_methods_user_id", "user_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.user_id"))
    shop_id: Mapped[str]
    is_test: Mapped[bool]
    consent_id: Mapped[UUID | None]
    status: Mapped[str] = mapped_column(server_default=text("'ACTIVE'"))
    sealed_id: Mapped[bytes | None]
    id_digest: Mapped[str]
    type: Mapped[str]
    title: Mapped[str | None]
    card_last4: Mapped[str | None]
    card_brand: Mapped[str | None]
    expires: Mapped[str | None]
    saved_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
    ended_at: Mapped[datetime | None]
    refused_at: Mapped[datetime | None]


class Refusal(Model):
    """The receipt of a refusal. `charge_payment_id`: the charge that may already have been on its way."""

    __tablename__ = "payment_method_refusals"
    __table_args__ = (Index("ix_payment_method_refusals_user_id_refused_at", "user_id", "refused_at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    user_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.user_id"))
    caller: Mapped[str]
    payer_ip: Mapped[str | None]
    payer_agent: Mapped[str | None]
    charge_payment_id: Mapped[UUID | None] = mapped_column(ForeignKey("payments.id"))
    refused_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))


class CardBinding(Intent, Model):
    """A method that its owner confirms on the provider's page, without a payment.

    What every call to the provider needs is in `Intent`. The provider's id is the method's, so that it is kept sealed,
    until the binding is over, and told of by its `id_digest` only.
    """

    __tablename__ = "card_bindings"
    __table_args__ = (
        CheckConstraint("status IN ('PENDING', 'ACTIVE', 'INACTIVE', 'FAILED')", name="status_known"),
        CheckConstraint("status = 'PENDING' OR request_body IS NULL", name="request_erased_once_known"),
        CheckConstraint("status = 'PENDING' OR sealed_id IS NULL", name="id_erased_once_known"),
        CheckConstraint("status = 'ACTIVE' OR payment_method_id IS NULL", name="kept_once_active"),
        UniqueConstraint("id_digest", name="uq_card_bindings_id_digest"),
        ForeignKeyConstraint(
            ["consent_id", "user_id"],
            ["consents.id", "consents.user_id"],
            name="fk_card_bindings_consent",
            deferrable=True,
        ),
        Index(
            "uq_card_bindings_idempotency_key",
            *("caller", "user_id", "idempotency_key"),
            unique=True,
            postgresql_where=text("idempotency_key IS NOT NULL"),
        ),
        Index("ix_card_bindings_next_ask_at", "next_ask_at", postgresql_where=text("status = 'PENDING'")),
        Index("ix_card_bindings_user_id_created_at", "user_id", "created_at"),
    )

    user_id: Mapped[int] = mapped_column(ForeignKey("subscriptions.user_id"))
    consent_id: Mapped[UUID]
    caller: Mapped[str]
    idempotency_key: Mapped[str | None]
    request_fingerprint: Mapped[str]
    return_url: Mapped[str]
    sealed_id: Mapped[bytes | None]
    id_digest: Mapped[str | None]
    confirmation_url: Mapped[str | None]
    payment_method_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_methods.id"))

    @property
    def state(self) -> Binding:
        return Binding(self.status)

    def move(self, report: Report) -> bool:
        """Take a report in. True if the state changed; raises `ImpossibleMove` for what must never happen."""
        before = self.state
        after = next_state(MOVES, before, report)
        self.status = after
        if after is not Binding.PENDING:
            self.request_body = self.sealed_id = None
        return after is not before


class UnableShop(Model):
    """When the provider last refused a shop of ours to keep methods of purchases, and to bind cards by themselves."""

    __tablename__ = "shops_unable_to_save"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    is_test: Mapped[bool] = mapped_column(primary_key=True)
    refused_at: Mapped[datetime | None]
    binding_refused_at: Mapped[datetime | None]
