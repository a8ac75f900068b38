"""What an act is: data and two functions. It asks why, shows what it will do, does it once, says what it did."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple
from uuid import UUID

from billing_service.admin.listing import Listing
from billing_service.admin.listing_queries import Line, get_line
from billing_service.audit.service import Deed
from billing_service.kit.errors import Conflict
from billing_service.services import Services
from billing_service.staff.roles import Role


class CannotDo(Conflict):
    """It cannot be done so; the message says why, in Russian."""

    code = "CANNOT_DO"

    def __init__(self, why: str) -> None:
        super().__init__(message=why)


class Field(NamedTuple):
    """What an act asks for beside the reason. `kind` is `text`, `number`, `money`, `lines`, `hidden` or `secret`; with
    `choices`, or `choices_of` where the service knows them, one of those is taken. `read` makes of the text what the
    act wants and raises `ValueError` with a Russian text; blank is asked for again unless it `may_be_blank`.

    A secret is asked for beside the button, after everything was shown: it stands in no page, no address and no table.
    """

    name: str
    title: str
    kind: str = "text"
    hint: str = ""
    choices: Mapping[str, str] = {}
    choices_of: Callable[[Services], Awaitable[Mapping[str, str]]] | None = None
    read: Callable[[str], Any] = str
    may_be_blank: bool = False
    default: str = ""
    # What the choice of nothing is called.
    blank: str = "как настроено"
    # None: always.
    is_asked: Callable[[Services], bool] | None = None

    @property
    def is_secret(self) -> bool:
        return self.kind == "secret"


@dataclass(frozen=True)
class Wish:
    """An act as somebody wants it: about what, with which words, who and why. `key` names his form. Secrets are `said`
    only when it is done."""

    subject: str
    said: Mapping[str, Any]
    deed: Deed
    key: UUID


async def line_of(services: Services, listing: Listing, wish: Wish) -> Line:
    """The row of the list that the wish is about. Raises `CannotDo` if there is none."""
    line = await get_line(services.statements, listing, wish.subject)
    if line is None:
        raise CannotDo(f"Не найдено: {listing.one.lower()} {wish.subject}.")
    return line


@dataclass(frozen=True)
class Preview:
    """What would be done: names and values, the numbers that the act itself would use."""

    lines: Sequence[tuple[str, str]]
    warning: str = ""

    @property
    def digest(self) -> str:
        return hashlib.sha256(json.dumps(self.lines, ensure_ascii=False).encode()).hexdigest()


@dataclass(frozen=True)
class Done:
    """What was done, and where to go on: addresses in the panel with their titles. `results`: one a user of many."""

    text: str
    links: Sequence[tuple[str, str]] = ()
    results: Sequence[tuple[str, str]] = ()

    def stored(self) -> Mapping[str, Any]:
        return {"text": self.text, "links": list(self.links), "results": list(self.results)}


@dataclass(frozen=True)
class Act:
    """`role` is the least that may do it. `preview` changes nothing; both raise the refusals of the service.

    `perform` calls the story that the API calls, with the account as the author; it is safe to repeat under the same
    key. `subject` is how what it is about looks: a pattern, `""` for an act about nothing in particular.
    """

    name: str
    title: str
    button: str
    role: Role
    subject: str
    preview: Callable[[Services, Wish], Awaitable[Preview]]
    perform: Callable[[Services, Wish], Awaitable[Done]]
    fields: Sequence[Field] = ()
    # The fields as they are now, for an act that changes something that is there.
    now: Callable[[Services, str], Awaitable[Mapping[str, str]]] | None = None
    about: str = ""
    is_grave: bool = False
    # What it is about is typed once more beside the button: for what nothing brings back.
    is_typed_again: bool = False
    # About which of the rows of a list it is offered.
    fits: Callable[[Line], bool] = lambda _: True
    # Who reads the reason.
    reason_hint: str = "Останется в журнале вместе с вашим именем."
