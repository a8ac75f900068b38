"""What a list is: data. Columns, filters, what it can be searched for, and the page of one of its rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from billing_service.staff.roles import Role


class Column(NamedTuple):
    """`sql` is a column or an expression of it; `kind` is how it is shown (templates/cells.html), `words` names what
    the value is called."""

    title: str
    sql: str
    kind: str = "text"
    words: Mapping[str, str] | None = None


class Key(NamedTuple):
    """A part of the order, the newest first; an index begins with it."""

    sql: str
    type: str


class Order(NamedTuple):
    """The newest first, unless what waits longest is to be seen first."""

    key: tuple[Key, ...]
    oldest_first: bool = False


class Choice(NamedTuple):
    """One of a filter's choices: constant SQL, so that the planner sees which index it fits. `order` is its own."""

    title: str
    sql: str
    order: Order | None = None


class Filter(NamedTuple):
    name: str
    title: str
    choices: Mapping[str, Choice]


class Search(NamedTuple):
    """What of this form (a whole pattern) is looked for where: SQL over `$1`, which is text. Each by an index."""

    pattern: str
    sql: str


class Related(NamedTuple):
    """Rows of another list that belong to this one: SQL of that list over `$1`, this row's identity, as text."""

    title: str
    listing: "Listing"
    sql: str


@dataclass(frozen=True)
class Listing:
    """A list at `/admin/{name}` and each of its rows at `/admin/{name}/{identity}`.

    `identity` is SQL that names a row in an address, `found` finds it again by that text (`$1`), once it fits
    `pattern`. `acts` are the names of what can be done about a row.
    """

    name: str
    title: str
    one: str
    source: str
    key: tuple[Key, ...]
    identity: str
    found: str
    pattern: str
    columns: tuple[Column, ...]
    details: tuple[Column, ...] = ()
    filters: tuple[Filter, ...] = ()
    searches: tuple[Search, ...] = ()
    hint: str = ""
    related: tuple[Related, ...] = ()
    # What every row of it is, in SQL.
    always: str = ""
    acts: tuple[str, ...] = ()
    # What can be done that is about no row.
    acts_of_all: tuple[str, ...] = ()
    role: Role = Role.SUPPORT
    empty: str = "Здесь пока ничего нет."
    # What of it is to be looked for elsewhere.
    note: str = ""


USER = r"[1-9][0-9]{0,17}"
UUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
NUMBER = r"[1-9][0-9]{0,17}"
