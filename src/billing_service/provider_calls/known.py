"""What our rows say of objects of the provider's, by its ids: whether what was told of them is known already."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from billing_service.kit.transaction import Transaction
from billing_service.provider_calls.kinds import Kind

# The provider's words for what is over.
ENDS = {"succeeded": "SUCCEEDED", "canceled": "CANCELED"}


async def settled_as(
    tx: Transaction, kind: Kind[Any, Any], provider_id: str, claimed: str
) -> tuple[UUID | None, bool]:
    """Our row that has this object, if one does; and whether it already says, for good, what somebody claims of the
    object (`succeeded`, `canceled`)."""
    statement = f"SELECT id, status FROM {kind.table} WHERE {kind.provider_id} = $1"  # noqa: S608
    found = await tx.row(statement, provider_id)
    return (None, False) if found is None else (found["id"], ENDS.get(claimed) == found["status"])


async def which_are_final(
    tx: Transaction, kind: Kind[Any, Any], provider_ids: Collection[str]
) -> Collection[str]:
    """Those of the provider's objects whose row of ours is final, however it became so."""
    statement = f"""
        SELECT {kind.provider_id} AS known FROM {kind.table}
        WHERE {kind.provider_id} = ANY($1) AND NOT status = ANY($2)
    """  # noqa: S608
    return {row["known"] for row in await tx.rows(statement, list(provider_ids), list(kind.open))}
