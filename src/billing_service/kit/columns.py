"""The columns of a table, for statements that are written by hand: named one by one, so that a newer schema changes
nothing for a running process (PostgreSQL refuses a prepared `SELECT *` whose result type has changed)."""

from collections.abc import Collection

from billing_service.kit.db import Model


def columns_of(model: type[Model], alias: str = "", *, without: Collection[str] = ()) -> str:
    """`a.id, a.status, …`, in the order of the model."""
    prefix = f"{alias}." if alias else ""
    return ", ".join(
        f"{prefix}{column.name}" for column in model.__table__.columns if column.name not in without
    )
