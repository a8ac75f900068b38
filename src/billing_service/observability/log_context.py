"""What every line of a story names, bound once where the story learns it."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from structlog.contextvars import bound_contextvars


@contextmanager
def about_payment(payment_id: UUID | None = None, yookassa_payment_id: str | None = None) -> Iterator[None]:
    """Each line inside the block names the payment: by our id, and by the provider's once it is known.

    What is not known here (None) stays as it is bound outside.
    """
    ids = {"payment_id": payment_id, "yookassa_payment_id": yookassa_payment_id}
    with bound_contextvars(**{name: known for name, known in ids.items() if known is not None}):
        yield
