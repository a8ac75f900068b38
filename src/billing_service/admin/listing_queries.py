"""The SQL of lists, put together from their own constant words; whatever a person types is a parameter.

A page is asked for by where the one before it ended, never by counting, so that it costs the same in a table of any
size.
"""

import base64
import binascii
import json
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import asyncpg

from billing_service.admin.listing import Column, Listing, Order, Related
from billing_service.kit.statement_pool import StatementPool
from billing_service.kit.transaction import Row

PAGE, RELATED = 50, 20


class CursorUnreadable(ValueError):
    """It is none of ours."""


class Asked(NamedTuple):
    """What somebody wants to see of a list: `chosen` by filter, `typed` text, from where on."""

    chosen: dict[str, str]
    typed: str
    after: str


class Page(NamedTuple):
    """`cells` in the order of the list's columns. `next_after` is None at its end; `is_understood` is False when what
    was typed has no form that this list can be searched for."""

    rows: Sequence["Line"]
    next_after: str | None
    is_understood: bool = True


class Line(NamedTuple):
    identity: str
    cells: Sequence[Any]


class Question(NamedTuple):
    """A page as the database is asked for it."""

    statement: str
    values: Sequence[object]


def question(listing: Listing, asked: Asked) -> Question | None:
    """None for a text that has no form this list can be searched for. Raises `CursorUnreadable`."""
    conditions, values = _chosen(listing, asked), list[object]()
    if asked.typed:
        fitting = [one.sql for one in listing.searches if re.fullmatch(one.pattern, asked.typed)]
        if not fitting:
            return None
        conditions.append("(" + " OR ".join(fitting) + ")")
        values.append(asked.typed)
    order = _order(listing, asked)
    if asked.after:
        places = ", ".join(f"${len(values) + at}::text::{key.type}" for at, key in enumerate(order.key, 1))
        onwards = ">" if order.oldest_first else "<"
        conditions.append(f"({', '.join(key.sql for key in order.key)}) {onwards} ({places})")
        values.extend(_read_cursor(order, asked.after))
    return Question(_select(listing, listing.columns, conditions, PAGE + 1, order), values)


async def list_page(statements: StatementPool, listing: Listing, asked: Asked) -> Page:
    """Raises `CursorUnreadable`."""
    meant = question(listing, asked)
    if meant is None:
        return Page([], None, is_understood=False)
    try:
        rows = await statements.fetch(meant.statement, *meant.values)
    except asyncpg.DataError:
        raise CursorUnreadable from None
    more = len(rows) > PAGE
    lines = [_line(row, listing.columns) for row in rows[:PAGE]]
    return Page(lines, _cursor(_order(listing, asked), rows[PAGE - 1]) if more else None)


async def get_line(statements: StatementPool, listing: Listing, identity: str) -> Line | None:
    """All columns of one row, those of its own page behind those of the list."""
    if not re.fullmatch(listing.pattern, identity):
        return None
    columns = (*listing.columns, *listing.details)
    rows = await statements.fetch(_select(listing, columns, [listing.found], 1), identity)
    return _line(rows[0], columns) if rows else None


async def list_related(statements: StatementPool, related: Related, identity: str) -> Page:
    """The newest few."""
    listing = related.listing
    rows = await statements.fetch(_select(listing, listing.columns, [related.sql], RELATED + 1), identity)
    lines = [_line(row, listing.columns) for row in rows[:RELATED]]
    return Page(lines, "more" if len(rows) > RELATED else None)


def _chosen(listing: Listing, asked: Asked) -> list[str]:
    return [
        f"({one.choices[asked.chosen[one.name]].sql})"
        for one in listing.filters
        if asked.chosen.get(one.name) in one.choices
    ]


def _order(listing: Listing, asked: Asked) -> Order:
    """That of the first choice that has one."""
    chosen = (one.choices.get(asked.chosen.get(one.name, "")) for one in listing.filters)
    return next((one.order for one in chosen if one and one.order), Order(listing.key))


def _select(
    listing: Listing,
    columns: Sequence[Column],
    conditions: Sequence[str],
    limit: int,
    order: Order | None = None,
) -> str:
    by = order or Order(listing.key)
    shown = ", ".join(f"{column.sql} AS c{at}" for at, column in enumerate(columns))
    keys = ", ".join(f"({key.sql})::text AS k{at}" for at, key in enumerate(by.key))
    conditions = [listing.always, *conditions] if listing.always else conditions
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    ordered = ", ".join(f"{key.sql} {'ASC' if by.oldest_first else 'DESC'}" for key in by.key)
    return (
        f"SELECT ({listing.identity})::text AS identity, {keys}, {shown} FROM {listing.source}{where} "  # noqa: S608
        f"ORDER BY {ordered} LIMIT {limit}"
    )


def _line(row: Row, columns: Sequence[Column]) -> Line:
    cells = [
        json.loads(row[f"c{at}"])
        if column.kind == "json" and isinstance(row[f"c{at}"], str)
        else row[f"c{at}"]
        for at, column in enumerate(columns)
    ]
    return Line(row["identity"], cells)


def _cursor(order: Order, row: Row) -> str:
    written = json.dumps([row[f"k{at}"] for at, _ in enumerate(order.key)])
    return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")


def _read_cursor(order: Order, cursor: str) -> list[str]:
    try:
        read = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        raise CursorUnreadable from None
    if not (isinstance(read, list) and len(read) == len(order.key)):
        raise CursorUnreadable
    if not all(isinstance(one, str) and "\0" not in one for one in read):
        raise CursorUnreadable
    return read
