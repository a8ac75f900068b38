"""Raise an alarm about a thing once, and again only when something about it has changed."""

from functools import partial

from billing_service.alarms import queries
from billing_service.kit.alarms import Alarm, raise_alarm
from billing_service.kit.transaction import Transaction

# New in every answer of the provider's: worth telling, but no change.
NEVER_THE_SAME = frozenset({"error_id"})


async def raise_once(tx: Transaction, kind: Alarm, subject: object, **facts: object) -> None:
    """Tell the operators, once the caller's transaction is committed, unless they know these facts of this thing.

    Safe to call at every meeting. `subject` is the thing's id; `facts` are ids, amounts and states; never secrets,
    never card data. An alarm about a condition rather than a thing (a refused key, a broken rule) goes by
    `kit.alarms.raise_alarm` instead: it is told for as long as the condition lasts.
    """
    lasting = {name: fact for name, fact in facts.items() if name not in NEVER_THE_SAME}
    if await queries.upsert_alarm(tx, kind.value, str(subject), lasting):
        tx.once_committed(partial(raise_alarm, kind, **facts))
