"""The tables of receipts. What stands in one is frozen on its payment."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class ReceiptRegistration:
    """The columns of what has a receipt.

    `receipt_registration` is the provider's word for where the receipt stands, `pending` as soon as one was sent; null
    without one. It is asked about at `receipt_ask_at`, null once there is nothing more to learn.
    """

    receipt_registration: Mapped[str | None]
    receipt_ask_at: Mapped[datetime | None]


def registration_constraint() -> CheckConstraint:
    return CheckConstraint(
        "receipt_registration IN ('pending', 'succeeded', 'canceled')", name="receipt_registration_known"
    )


def receipt_constraints() -> tuple[CheckConstraint, ...]:
    """What holds for the item of a sale's receipt."""
    return (
        registration_constraint(),
        CheckConstraint("receipt_vat_code BETWEEN 1 AND 12", name="receipt_vat_code_known"),
        CheckConstraint("receipt_tax_system_code BETWEEN 1 AND 6", name="receipt_tax_system_code_known"),
        CheckConstraint(
            "num_nonnulls(receipt_description, receipt_vat_code, receipt_subject, receipt_mode) IN (0, 4)",
            name="receipt_item_whole",
        ),
    )


def receipt_index(table: str) -> Index:
    """Of money that moved: the receipts that are not registered, by when to ask about them."""
    return Index(
        f"ix_{table}_receipt_not_registered",
        "receipt_ask_at",
        postgresql_where=text("status = 'SUCCEEDED' AND receipt_registration IN ('pending', 'canceled')"),
    )


class ReceiptContact(Model):
    """Where a user's receipts go, encrypted; no row once it was erased."""

    __tablename__ = "receipt_contacts"

    user_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    sealed: Mapped[bytes]
    changed_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))


class ShopFiscalization(Model):
    """What `/me` said of a shop: whether it demands receipts, and who registers them."""

    __tablename__ = "shop_fiscalization"

    shop_id: Mapped[str] = mapped_column(primary_key=True)
    is_test: Mapped[bool] = mapped_column(primary_key=True)
    enabled: Mapped[bool]
    provider: Mapped[str | None]
    told_at: Mapped[datetime] = mapped_column(server_default=text("billing_now()"))
