"""What every page of the panel has at hand."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from billing_service.admin.rendering import Templates
from billing_service.audit.service import Deed
from billing_service.config import Settings
from billing_service.kit.callers import PANEL
from billing_service.kit.middleware import request_id_of
from billing_service.services import Services
from billing_service.staff.passwords import Verifier
from billing_service.staff.roles import Role
from billing_service.staff.sessions import Session

BASE = "/admin"


@dataclass(frozen=True)
class Panel:
    """The panel of one process. The services are there once the process has started."""

    settings: Settings
    services_of: Callable[[], Services]
    templates: Templates
    verifier: Verifier

    @property
    def services(self) -> Services:
        return self.services_of()

    def page(self, template: str, /, *, status: int = 200, **values: object) -> HTMLResponse:
        """A page for somebody who may be nobody."""
        known = {"session": None, "here": ""}
        return HTMLResponse(self.templates.render(template, **known | values), status_code=status)


@dataclass(frozen=True)
class Visit:
    """A request of somebody who may make it; `form` is what he sent, empty for a page."""

    panel: Panel
    request: Request
    services: Services
    session: Session
    form: Mapping[str, str]

    def page(self, template: str, /, *, status: int = 200, **values: object) -> HTMLResponse:
        return self.panel.page(
            template, status=status, session=self.session, here=self.request.url.path, may=self.may, **values
        )

    def may(self, role: Role) -> bool:
        return self.session.role.may(role)

    def deed(self, reason: str) -> Deed:
        """As the audit log has it: the panel is the caller, the account the author."""
        return Deed(PANEL, self.session.account, reason, request_id_of(self.request))

    def asked(self, name: str) -> str:
        """What the address asks for, without blanks around it; empty if nothing."""
        return self.request.query_params.get(name, "").strip()


def go_to(path: str) -> Response:
    """After an act, so that loading the page again does nothing again."""
    return RedirectResponse(f"{BASE}{path}", status_code=303)
