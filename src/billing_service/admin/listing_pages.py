"""The pages of every list: the list itself, and one of its rows with what belongs to it and what can be done."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.responses import Response

from billing_service.admin.acts import Act
from billing_service.admin.listing import Listing
from billing_service.admin.listing_queries import (
    Asked,
    CursorUnreadable,
    Line,
    get_line,
    list_page,
    list_related,
)
from billing_service.admin.panel import Panel, Visit
from billing_service.admin.routing import PanelRoute
from billing_service.staff.roles import Role
from billing_service.wording import words

LONGEST_SEARCH = 100


def routes(panel: Panel, listings: Sequence[Listing], acts: Mapping[str, Act]) -> Iterator[PanelRoute]:
    for listing in listings:
        pages = ListingPages(listing, acts)
        yield PanelRoute(panel, f"/{listing.name}", pages.show_list, role=listing.role)
        yield PanelRoute(panel, f"/{listing.name}/{{identity:path}}", pages.show_one, role=listing.role)


@dataclass(frozen=True)
class ListingPages:
    listing: Listing
    acts: Mapping[str, Act]

    async def show_list(self, visit: Visit) -> Response:
        """A page of it, the newest first. What cannot be looked for is said, and nothing is guessed."""
        listing = self.listing
        chosen = {one.name: visit.asked(one.name) for one in listing.filters}
        typed = visit.asked("q")[:LONGEST_SEARCH]
        asked = Asked(chosen, typed, visit.asked("after"))
        try:
            page = await list_page(visit.services.statements, listing, asked)
        except CursorUnreadable:
            raise HTTPException(404) from None
        kept = {name: value for name, value in {**chosen, "q": typed}.items() if value}
        return visit.page(
            "list.html",
            listing=listing,
            page=page,
            chosen=chosen,
            typed=typed,
            acts=self._allowed(visit, listing.acts_of_all),
            first=f"?{urlencode(kept)}" if asked.after else None,
            onwards=f"?{urlencode(kept | {'after': page.next_after})}" if page.next_after else None,
        )

    async def show_one(self, visit: Visit) -> Response:
        listing, identity = self.listing, visit.request.path_params["identity"]
        line = await get_line(visit.services.statements, listing, identity)
        if line is None:
            raise HTTPException(404)
        related = [
            (one, await list_related(visit.services.statements, one, line.identity))
            for one in listing.related
        ]
        return visit.page(
            "detail.html",
            listing=listing,
            line=line,
            columns=(*listing.columns, *listing.details),
            related=related,
            acts=[act for act in self._allowed(visit, listing.acts) if act.fits(line)],
            others=self._left_to_others(visit, line),
        )

    def _left_to_others(self, visit: Visit, line: Line) -> list[tuple[str, str]]:
        """What could be done about it by somebody in another role, and who may: whom to pass it on to."""
        acts = [self.acts[name] for name in self.listing.acts]
        return [
            (act.button, ", ".join(words.ROLES[role] for role in Role if role.may(act.role)))
            for act in acts
            if not visit.may(act.role) and act.fits(line)
        ]

    def _allowed(self, visit: Visit, names: Sequence[str]) -> list[Act]:
        return [self.acts[name] for name in names if visit.may(self.acts[name].role)]
