"""What an examination says of one thing."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Literal, TypeVar

from billing_service.kit.db_errors import refusal_of

Verdict = Literal["ok", "wrong", "not checked"]
Answer = TypeVar("Answer")


class CannotBeAsked(Exception):
    """What the database does instead of answering, such as `refuses: …`."""

    @property
    def sentence(self) -> str:
        return f"cannot be examined: the database {self}"


@dataclass(frozen=True)
class Finding:
    """What was examined, and what is wrong with it, or why nobody can say from here; neither when all is well. `see`
    is the heading of docs/operations.md that says what to do about it."""

    what: str
    trouble: str | None = None
    unchecked_because: str | None = None
    see: str | None = None

    @property
    def verdict(self) -> Verdict:
        if self.trouble:
            return "wrong"
        return "not checked" if self.unchecked_because else "ok"

    @property
    def because(self) -> str | None:
        return self.trouble or self.unchecked_because


async def asked_of_the_database(answer: Awaitable[Answer]) -> Answer:
    """Its answer. Raises `CannotBeAsked` if it has none: an examination goes on with the next thing."""
    try:
        return await answer
    except Exception as error:
        refusal = refusal_of(error)
        if refusal is None:
            raise
        raise CannotBeAsked(refusal) from error
