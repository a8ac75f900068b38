"""The import: read everything in one snapshot, write it a few users at a time, prove it.

Each bite of users is a transaction of its own, under the locks of their money, and what is here already is found so:
a second run writes nothing, one that was killed goes on, a later one brings what is new. Everything else may run beside
it.
"""

from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from billing_service.audit.service import Deed
from billing_service.kit.callers import CLI
from billing_service.kit.servers import Servers
from billing_service.kit.transaction import Transaction
from billing_service.legacy import access_queries, cards, notifications, queries, reports, staging
from billing_service.legacy.plans import AUTHOR, take_over
from billing_service.legacy.proof import Proof, prove
from billing_service.legacy.source import Source, snapshot
from billing_service.services import Services

# So many users are written, and locked, at once.
BITE = 1000
# Whole tables are read and compared; locks are waited for as ever. What fitted empty tables does not fit full ones.
UNHURRIED = """
    SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET plan_cache_mode = force_custom_plan
"""


class AnotherImportRuns(Exception):
    """Only one at a time."""


@dataclass(frozen=True)
class Imported:
    """What was done. A rehearsal leaves nothing behind, neither its number."""

    import_id: int
    source: str
    users_written: int
    proof: Proof


async def import_all(
    services: Services,
    url: str,
    *,
    schema: str,
    rehearse: bool = False,
    report: Path | None = None,
    bite: int = BITE,
    tell: Callable[[str], None],
) -> Imported:
    """Take everything over, prove it, and write the report. `rehearse` does the same and undoes it all in the end.

    Safe to repeat, to kill, and beside everything else. Raises `NotTheLegacy` and `AnotherImportRuns`.
    """
    async with AsyncExitStack() as stack:
        source = await stack.enter_async_context(snapshot(url, schema))
        connection = await Servers(services.settings.direct_url).connect(command_timeout=None)
        stack.push_async_callback(connection.close)
        tx = Transaction(connection, waits=True)
        await tx.execute(UNHURRIED)
        if not await queries.is_alone(tx):
            raise AnotherImportRuns
        if rehearse:
            rehearsal = connection.transaction()
            await rehearsal.start()
            stack.push_async_callback(rehearsal.rollback)
        imported = await _import(services, tx, source, rehearse=rehearse, bite=bite, tell=tell)
        if report:
            await reports.write(tx, imported.proof, report)
        return imported


async def _import(
    services: Services,
    tx: Transaction,
    source: Source,
    *,
    rehearse: bool,
    bite: int,
    tell: Callable[[str], None],
) -> Imported:
    settings = services.settings
    tell(f"reading {source.name}")
    await staging.load(tx, source)
    import_id = await queries.insert_import(tx, source.name)
    deed = Deed(caller=CLI, author=AUTHOR, reason=f"as in {source.name}", request_id="legacy-import")
    old_plans = list(await tx.rows("SELECT * FROM old_plans ORDER BY price, code"))
    plans = [one async for one in take_over(services, old_plans, deed, write=not rehearse)]
    if rehearse:
        await queries.insert_missing_plans(tx)
    written = await _write_users(tx, services, bite, tell)
    taken = await cards.take_over(tx, source, settings)
    ended = await cards.end_unlinked(tx)
    tell(f"cards: {taken.there} there, {taken.came} came, {ended} were unlinked there since")
    await _tell_the_backend(tx, bite)
    came = await notifications.take_over(tx, source, timedelta(days=settings.retention_webhook_logs_days))
    tell(f"notifications: {came} came; comparing")
    async with tx.connection.transaction():
        proof = await prove(
            tx, import_id, source.name, plans, shop_id=settings.shop_id, is_test=settings.shop_is_test
        )
        await queries.finish_import(tx, import_id, proof.report)
    return Imported(import_id, source.name, written, proof)


async def _write_users(tx: Transaction, services: Services, bite: int, tell: Callable[[str], None]) -> int:
    settings, zone = services.settings, services.settings.billing_timezone.key
    after = seen = written = 0
    while True:
        until, users = await queries.next_chunk(tx, after, bite)
        if until is None:
            return written
        news = await queries.list_with_news(tx, after, until, zone)
        if news:
            async with tx.connection.transaction():
                users_here = await queries.lock_users(tx, news)
                await queries.write(
                    tx, users_here, shop_id=settings.shop_id, is_test=settings.shop_is_test, zone=zone
                )
        after, seen, written = until, seen + users, written + len(news)
        tell(f"users: {seen} looked at, {written} written")


async def _tell_the_backend(tx: Transaction, bite: int) -> None:
    """After the cards have come, so that all of it is told at once; whoever an import that was killed left is told."""
    after = 0
    while True:
        until, _ = await queries.next_chunk(tx, after, bite)
        if until is None:
            return
        if untold := await access_queries.list_untold(tx, after, until):
            async with tx.connection.transaction():
                await access_queries.tell(tx, await queries.lock_users(tx, untold))
        after = until
