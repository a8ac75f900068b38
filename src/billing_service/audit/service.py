"""Write down what an operator did, in the transaction that does it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from billing_service.audit import queries
from billing_service.audit.queries import Entry
from billing_service.kit.transaction import Transaction

__all__ = ["Deed", "Entry", "list_of", "record"]


@dataclass(frozen=True)
class Deed:
    """Who does it: `caller` owns the token or is the command line, `author` the person behind it."""

    caller: str
    author: str
    reason: str
    request_id: str


async def record(
    tx: Transaction,
    action: str,
    deed: Deed,
    *,
    details: Mapping[str, object],
    user_id: int | None = None,
) -> None:
    """`details` are ids, figures and states; never secrets. The deed and its entry are committed together."""
    await queries.insert_entry(
        tx,
        action=action,
        caller=deed.caller,
        author=deed.author,
        reason=deed.reason,
        user_id=user_id,
        request_id=deed.request_id,
        details=details,
    )


async def list_of(tx: Transaction, actions: Sequence[str], about: Mapping[str, object]) -> Sequence[Entry]:
    """The deeds of these kinds whose details say this, the newest first."""
    return await queries.list_entries(tx, actions, about)
