"""`python -m benchmarks.reads_growth`: how much longer do reads take in a grown database? The same questions in two.

What is measured is the processor time that the server's process spends on each statement, which another load on the
machine hardly changes, on a connection that has prepared it; what our process adds depends on the answer alone. Needs
Linux.
"""

import asyncio
import random
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Annotated
from uuid import UUID

import asyncpg
import typer

from benchmarks.databases import database_on
from benchmarks.grown import SHOP, grow
from billing_service.admin.listing import Listing
from billing_service.admin.listing_queries import Asked
from billing_service.admin.listing_queries import question as page_of
from billing_service.admin.lists.money import PAYMENTS, REFUNDS
from billing_service.admin.search import BY_REQUEST, BY_UUID
from billing_service.admin.today_queries import WAITING
from billing_service.dev.servers import embedded_servers
from billing_service.schema import migrate
from billing_service.stats import queries as stats
from billing_service.stats.days import Days, Step, cut
from billing_service.subscribers.queries import SUBSCRIBERS
from billing_service.timeline.queries import TIMELINE
from billing_service.user_states.queries import STATES

ZONE = "Europe/Moscow"
Question = Callable[[], tuple[str, tuple[object, ...]]]


def main(
    small: Annotated[int, typer.Option(min=1000, help="Users of the smaller database.")] = 3_000,
    large: Annotated[
        int, typer.Option(min=1000, help="Users of the larger one; ten payments for three.")
    ] = 300_000,
    rounds: Annotated[int, typer.Option(min=3, help="How many answers the medians are of.")] = 15,
) -> None:
    """Measure what the main backend reads, in a small and in a grown database."""
    with (
        TemporaryDirectory(prefix="billing-benchmark-") as folder,
        embedded_servers(Path(folder) / "data", throwaway=True) as servers,
    ):
        taken = [_measure(servers.database_url, users, rounds) for users in (small, large)]
    typer.echo(f"{'':24}{small:>12} users{large:>12} users    ratio")
    for name, before in taken[0].items():
        after = taken[1][name]
        typer.echo(f"{name:24}{before:>15.1f} ms{after:>15.1f} ms{after / before:>9.1f}")


def _measure(server: str, users: int, rounds: int) -> Mapping[str, float]:
    typer.echo(f"making a database of {users} users")
    with database_on(server) as database_url:
        migrate.upgrade(database_url)
        grow(database_url, users)
        return asyncio.run(_medians(database_url, _questions(users), rounds))


def _questions(users: int) -> Mapping[str, Question]:
    dice = random.Random(users)  # noqa: S311 (no secret)
    today = datetime.now(UTC).date()
    periods = {
        "30 days": (today - timedelta(days=29), Step.DAY),
        "a year": (today - timedelta(days=364), Step.DAY),
        "3 years": (today - timedelta(days=1094), Step.MONTH),
    }
    counted = {
        f"{metric}, {name}": _series(stats.COUNTS[metric], first, today, step)
        for metric in ("new", "renewed", "declines", "limit_hits")
        for name, (first, step) in periods.items()
        if name != "30 days"
    }
    return {
        "500 states": lambda: (STATES, (dice.sample(range(1, users + 1), 500), SHOP, False, ZONE)),
        "1 state": lambda: (STATES, ([dice.randint(1, users)], SHOP, False, ZONE)),
        "500 subscribers": lambda: (SUBSCRIBERS, (dice.randint(0, users // 2), 500, None, None)),
        "timeline": lambda: (TIMELINE, (dice.randint(1, users), None, None, None, 50)),
        "stats/subscribers": lambda: (stats.SUBSCRIBERS, (timedelta(days=5),)),
        **{
            f"money, {name}": _series(stats.MONEY, first, today, step)
            for name, (first, step) in periods.items()
        },
        **counted,
        **_panel(dice, users),
    }


def _panel(dice: random.Random, users: int) -> Mapping[str, Question]:
    """Pages of the panel: the newest rows, the rare ones, what is searched for, and what waits for somebody."""
    asked = {
        "payments": (PAYMENTS, Asked({}, "", "")),
        "payments, failed": (PAYMENTS, Asked({"status": "failed"}, "", "")),
        "refunds, on their way": (REFUNDS, Asked({"status": "open"}, "", "")),
    }
    return {
        **{f"panel: {name}": _page(listing, which) for name, (listing, which) in asked.items()},
        "panel: payments of a user": _page(PAYMENTS, Asked({}, str(dice.randint(1, users)), "")),
        "panel: search by id": lambda: (BY_UUID, (str(UUID(int=dice.getrandbits(128))),)),
        "panel: search by request": lambda: (BY_REQUEST, (f"{dice.getrandbits(128):032x}",)),
        "panel: what waits": lambda: (WAITING, ()),
    }


def _page(listing: Listing, asked: Asked) -> Question:
    meant = page_of(listing, asked)
    assert meant is not None  # noqa: S101 (all of them can be asked for)
    return lambda: (meant.statement, tuple(meant.values))


def _series(statement: str, first: date, last: date, step: Step) -> Question:
    steps = list(cut(Days(first, last), step))
    firsts, lasts = [one.first for one in steps], [one.last for one in steps]
    return lambda: (statement, (firsts, lasts, ZONE, False))


async def _medians(database_url: str, questions: Mapping[str, Question], rounds: int) -> dict[str, float]:
    connection = await asyncpg.connect(database_url)
    server = Path("/proc", str(connection.get_server_pid()), "schedstat")
    taken: dict[str, list[float]] = {name: [] for name in questions}
    for _ in range(rounds):
        for name, question in questions.items():
            statement, values = question()
            began = _spent(server)
            await connection.fetch(statement, *values)
            taken[name].append((_spent(server) - began) / 1_000_000)
    await connection.close()
    return {name: median(times) for name, times in taken.items()}


def _spent(server: Path) -> int:
    """Nanoseconds on a processor so far."""
    return int(server.read_text().split()[0])


if __name__ == "__main__":
    typer.run(main)
