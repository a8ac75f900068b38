"""The panel at `/admin`: everything in it, put together."""

from collections.abc import Sequence

from fastapi import FastAPI
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from billing_service.admin import (
    act_pages,
    listing_pages,
    renewals_page,
    search,
    signing,
    today_page,
    user_page,
)
from billing_service.admin.acts import Act
from billing_service.admin.deeds import (
    batches,
    days,
    erasing,
    looking,
    money,
    moving,
    people,
    plans,
    refund_requests,
    resolving,
)
from billing_service.admin.guard import WithHeaders, nowhere
from billing_service.admin.listing import Listing
from billing_service.admin.lists.batches import BATCHES
from billing_service.admin.lists.log import ALARMS, AUDIT, JOBS
from billing_service.admin.lists.messages import NOTIFICATIONS
from billing_service.admin.lists.money import PAYMENTS, REFUNDS
from billing_service.admin.lists.people import PEOPLE, PLANS
from billing_service.admin.lists.refund_requests import REFUND_REQUESTS
from billing_service.admin.panel import BASE, Panel
from billing_service.admin.rendering import STATIC, Templates
from billing_service.admin.routing import OpenRoute, PanelRoute, refuse_unowned
from billing_service.config import Settings
from billing_service.staff.passwords import Verifier
from billing_service.staff.roles import Role
from billing_service.wording import words

LISTINGS: Sequence[Listing] = (
    PAYMENTS,
    REFUNDS,
    REFUND_REQUESTS,
    NOTIFICATIONS,
    ALARMS,
    JOBS,
    AUDIT,
    BATCHES,
    PLANS,
    PEOPLE,
)
ACTS: Sequence[Act] = (
    *looking.ACTS,
    *days.ACTS,
    *batches.ACTS,
    *money.ACTS,
    *refund_requests.ACTS,
    *resolving.ACTS,
    *plans.ACTS,
    *people.ACTS,
    *moving.ACTS,
    *erasing.ACTS,
)


def routes(app: FastAPI, settings: Settings) -> list[BaseRoute]:
    """The panel of `app`, whose services it uses once they are open."""
    panel = Panel(
        settings,
        lambda: app.state.services,
        Templates(
            settings.billing_timezone,
            words.ribbon(settings),
            has_passwords=not settings.admin_trusted_header,
        ),
        Verifier(),
    )
    first = [(f"{BASE}/", "Сегодня", Role.SUPPORT), (f"{BASE}/renewals", "Продления", Role.SUPPORT)]
    panel.templates.offer([*first, *((f"{BASE}/{one.name}", one.title, one.role) for one in LISTINGS)])
    return [Route(BASE, RedirectResponse(f"{BASE}/")), Mount(BASE, site(panel))]


def pages(panel: Panel) -> list[BaseRoute]:
    """Every page and act; each says who may."""
    acts = {act.name: act for act in ACTS}
    found: list[BaseRoute] = [
        OpenRoute(panel, "/sign-in", signing.show_door),
        OpenRoute(panel, "/sign-in", signing.sign_in, methods=["POST"]),
        PanelRoute(panel, "/sign-out", signing.sign_out, role=Role.SUPPORT, methods=["POST"]),
        PanelRoute(panel, "/password", signing.show_password, role=Role.SUPPORT),
        PanelRoute(panel, "/password", signing.change_password, role=Role.SUPPORT, methods=["POST"]),
        PanelRoute(panel, "/", today_page.Today(acts).show, role=Role.SUPPORT),
        PanelRoute(panel, "/search", search.find, role=Role.SUPPORT),
        PanelRoute(panel, "/users/{user_id:int}", user_page.UserPage(acts).show, role=Role.SUPPORT),
        PanelRoute(panel, "/renewals", renewals_page.show, role=Role.SUPPORT),
        *act_pages.routes(panel, ACTS),
        *listing_pages.routes(panel, LISTINGS, acts),
    ]
    refuse_unowned(found)
    return found


def site(panel: Panel) -> Starlette:
    async def say_nowhere(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)  # noqa: S101 (registered for this class only)
        return await nowhere(panel, request, error)

    return Starlette(
        routes=[*pages(panel), Mount("/static", StaticFiles(directory=STATIC))],
        middleware=[Middleware(WithHeaders)],
        exception_handlers={HTTPException: say_nowhere},
    )
