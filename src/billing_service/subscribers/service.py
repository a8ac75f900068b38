"""Walk over everybody who has access, page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from billing_service.kit.transaction import Row
from billing_service.services import Services
from billing_service.subscribers import queries


@dataclass(frozen=True)
class Page:
    """Some of them, in the order of their ids. `next_after`: behind whom the walk goes on, None at its end."""

    rows: Sequence[Row]
    next_after: int | None


async def list_page(
    services: Services, *, after: int, limit: int, plan_code: str | None, ended_since: datetime | None
) -> Page:
    """Who is PRO now, and, with `ended_since`, whose access has ended since then; `plan_code` is the plan in force.

    A page is of one instant. Whoever has access all through a walk is on one of its pages, and with `ended_since` at
    its beginning so is whoever had it at any time of the walk before his page was read. A page may be empty and not the
    last.
    """
    holders = await queries.list_holders(
        services.statements, after=after, limit=limit, plan_code=plan_code, ended_since=ended_since
    )
    rows = [row for row in holders if row["is_asked_for"]]
    return Page(rows, holders[-1]["user_id"] if len(holders) == limit else None)
