"""What our rows say of objects of the provider's, by its ids: whether what was told of them is known already."""

from collections.abc import Collection
from typing import Any

from billing_service.kit.transaction import Transaction
from billing_service.provider_calls.kinds import Kind

# The provider's words for what is over.
ENDS = {"succeeded": "SUCCEEDED", "canceled": "CANCELED", "active": "ACTIVE"}


def known_object(kind: Kind[Any, Any], provider_id: str, claimed: str) -> str:
    """A query for our row that has this object, if one does: `id`, and whether it already says, for good, what somebody
    claims of the object (`settled`). Both are parameters of a statement; what is claimed as `claim` says it."""
    return (
        f"SELECT id, status = {claimed} AS settled FROM {kind.table} WHERE {kind.provider_id} = {provider_id}"  # noqa: S608
    )


def claim(word: str) -> str | None:
    """What our row would say if this word of the provider's (`succeeded`) were true; None if it is no end."""
    return ENDS.get(word)


async def which_are_final(
    tx: Transaction, kind: Kind[Any, Any], provider_ids: Collection[str]
) -> Collection[str]:
    """Those of the provider's objects whose row of ours is final, however it became so."""
    statement = f"""
        SELECT {kind.provider_id} AS known FROM {kind.table}
        WHERE {kind.provider_id} = ANY($1) AND NOT status = ANY($2)
    """  # noqa: S608
    return {row["known"] for row in await tx.rows(statement, list(provider_ids), list(kind.open))}
