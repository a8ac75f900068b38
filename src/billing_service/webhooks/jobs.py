"""The job that looks because of a notification: a row has one at a time."""

from billing_service.kit.jobs import Priority, enqueue, queued_by
from billing_service.kit.transaction import Transaction

LOOK = "webhook.look"
# The same for the statement that takes a notification in, behind a table `unsettled (id, jobs_ended)`;
# its ninth value is `headers_of(LOOK)`.
LOOK_QUEUED = queued_by(
    "unsettled",
    name=LOOK,
    payload="id::text",
    dedupe_key=f"'{LOOK}:' || id || ':' || jobs_ended",
    headers="$9",
    priority=Priority.SOMEBODY_WAITS,
)


async def enqueue_look(tx: Transaction, log_id: int, *, jobs_ended: int) -> None:
    """Let some worker look, unless the row's job waits or runs. Call it with the row locked, and `jobs_ended` of then.

    A look that is over has counted itself in `jobs_ended` under that lock, so a copy that comes while its job is still
    marked as running gets a job of its own, and one that comes before is seen by the look itself.
    """
    await enqueue(
        tx,
        LOOK,
        str(log_id).encode(),
        dedupe_key=f"{LOOK}:{log_id}:{jobs_ended}",
        # Somebody has just paid: no question about those who have not comes before.
        priority=Priority.SOMEBODY_WAITS,
    )
