"""The table that says which code may use this database."""

from sqlalchemy import CheckConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from billing_service.kit.db import Model


class SchemaCompatibility(Model):
    """One row. `compatible_from` is the oldest migration whose code may use the database as it is now."""

    __tablename__ = "schema_compatibility"
    __table_args__ = (CheckConstraint("singleton", name="singleton"),)

    compatible_from: Mapped[str]
    singleton: Mapped[bool] = mapped_column(primary_key=True, server_default=text("true"))
