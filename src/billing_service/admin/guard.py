"""Who is asking, may he, and does the order come from a page of ours? Asked before anything is done."""

import re
from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import quote, urlsplit

import structlog
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from billing_service.admin.panel import BASE, Panel, Visit, go_to
from billing_service.kit.db import is_unavailable
from billing_service.kit.errors import BillingError
from billing_service.staff import sessions
from billing_service.staff.roles import Role
from billing_service.staff.sessions import Session
from billing_service.yookassa.networks import UntrustedAddress, client_address, counted_as, is_inside

log = structlog.get_logger()

CSRF_FIELD = "csrf"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
        "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Cache-Control": "no-store",
    # Nothing goes elsewhere. Not `no-referrer`: browsers would then send `Origin: null` with our own forms.
    # https://fetch.spec.whatwg.org/#origin-header
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
OWN_PATH = re.compile(rf"{BASE}(/[\w.~/@:-]*)?(\?[\w.~/@:=&%+-]*)?", re.ASCII)


NOWHERE = ("Такой страницы нет", "Проверьте адрес или воспользуйтесь поиском.")


class WithHeaders:
    """Around all of the panel: what no answer of it may be without."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(HEADERS)
            await send(message)

        await self._app(scope, receive, send_with_headers)


async def admitted(panel: Panel, request: Request, role: Role) -> Visit | Response:
    """The visit, or the answer to somebody who is not let in."""
    if refusal := same_origin_or_refused(panel, request):
        return refusal
    session = await _session(panel, request)
    if session is None:
        return await _let_in_by_proxy(panel, request) or _to_the_door(panel, request)
    if not session.role.may(role):
        log.warning("panel.role_refused", account=session.account, path=request.url.path, needed=role)
        return _no(
            panel, 403, "Этой роли сюда нельзя", "Попросите владельца, если это нужно для работы.", session
        )
    form: Mapping[str, str] = {}
    if request.method == "POST":
        form = {
            name: text for name, text in (await request.form(max_files=0)).items() if isinstance(text, str)
        }
        if not session.made(form.get(CSRF_FIELD, "")):
            log.warning("panel.form_refused", account=session.account, path=request.url.path)
            return _no(panel, 403, "Форма устарела", "Откройте страницу заново и повторите.", session)
    return Visit(panel, request, panel.services, session, form)


async def refused(visit: Visit, page: Callable[[Visit], Awaitable[Response]]) -> Response:
    """The page, or why there is none: a refusal of the service's in its own words."""
    try:
        return await page(visit)
    except BillingError as error:
        return _no(
            visit.panel, error.status, "Не получилось", f"{error.message} ({error.code})", visit.session
        )
    except HTTPException as error:
        return _no(visit.panel, error.status_code, *NOWHERE, visit.session)
    except Exception as error:
        if not is_unavailable(error):
            raise
        log.warning("database.missed", path=visit.request.url.path, error=type(error).__name__)
        text = "База данных сейчас не отвечает. Попробуйте через минуту."
        return _no(visit.panel, 503, "Не получилось", text, visit.session)


def same_origin_or_refused(panel: Panel, request: Request) -> Response | None:
    """A browser says of every form from where it was sent; who says nothing is no page of ours."""
    if request.method in {"GET", "HEAD"}:
        return None
    origins = request.headers.getlist("origin")
    scheme, host = urlsplit(origins[0])[:2] if len(origins) == 1 else ("", "")
    is_ours = host == request.headers.get("host") and (
        scheme == "https" or (scheme == "http" and panel.settings.is_dev)
    )
    if is_ours and request.headers.get("sec-fetch-site", "same-origin") == "same-origin":
        return None
    log.warning("panel.origin_refused", path=request.url.path)
    return _no(panel, 403, "Запрос пришёл с другого сайта", "Действия принимаются только со страниц панели.")


async def _session(panel: Panel, request: Request) -> Session | None:
    token = request.cookies.get(cookie_name(panel), "")
    session = await sessions.find(panel.services, token) if token else None
    if session is None or not panel.settings.admin_trusted_header:
        return session
    return session if session.account == named_by_proxy(panel, request) else None


def named_by_proxy(panel: Panel, request: Request) -> str | None:
    """Whom a proxy of ours has let in. From anybody else the header says nothing."""
    header, settings = panel.settings.admin_trusted_header, panel.settings
    if header is None or request.client is None:
        return None
    names = request.headers.getlist(header)
    try:
        peer = client_address(request.client.host, (), trust=False, trusted_proxies=())
    except UntrustedAddress:
        return None
    is_trusted = is_inside(peer, settings.webhook_trusted_proxies)
    return names[0].strip().lower() if is_trusted and len(names) == 1 else None


async def _let_in_by_proxy(panel: Panel, request: Request) -> Response | None:
    name = named_by_proxy(panel, request)
    if name is None or request.method != "GET":
        return None
    token = await sessions.sign_in_by_proxy(panel.services, name)
    if token is None:
        return _no(panel, 403, "Вход не открыт", f"Учётной записи «{name}» в панели нет или она отключена.")
    return signed_in(panel, token, _asked(request))


def _to_the_door(panel: Panel, request: Request) -> Response:
    if panel.settings.admin_trusted_header:
        return _no(panel, 403, "Вход не открыт", "Сюда входят через единый вход компании.")
    if request.method == "GET":
        asked = _asked(request)
        return go_to(
            f"/sign-in?next={quote(asked, safe='')}" if asked not in {BASE, f"{BASE}/"} else "/sign-in"
        )
    return _no(panel, 401, "Вы вышли из панели", "Ничего не сделано. Войдите и повторите.")


def _asked(request: Request) -> str:
    return request.url.path + (f"?{request.url.query}" if request.url.query else "")


def signed_in(panel: Panel, token: str, path: str) -> Response:
    """On to the page that was asked for, with the session's cookie."""
    answer = go_to(own_path(path).removeprefix(BASE))
    answer.set_cookie(
        cookie_name(panel),
        token,
        path=BASE,
        httponly=True,
        secure=not panel.settings.is_dev,
        samesite="strict",
    )
    return answer


def own_path(path: str) -> str:
    """An address of the panel's, or its first page in place of any other."""
    return path if OWN_PATH.fullmatch(path) and "//" not in path else f"{BASE}/"


def cookie_name(panel: Panel) -> str:
    """With the prefix browsers take it over TLS only. https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis"""
    return "billing_panel" if panel.settings.is_dev else "__Secure-billing_panel"


def _no(panel: Panel, status: int, title: str, text: str, session: Session | None = None) -> Response:
    return panel.page(
        "refused.html", status=status, title=title, text=text, session=session, may=_may(session)
    )


def _may(session: Session | None) -> Callable[[Role], bool]:
    return lambda role: session is not None and session.role.may(role)


def client_of(panel: Panel, request: Request) -> str:
    """The address tries are counted for. Raises `UntrustedAddress`."""
    settings = panel.settings
    address = client_address(
        request.client.host if request.client else "",
        request.headers.getlist("x-forwarded-for"),
        trust=settings.webhook_trust_xff,
        trusted_proxies=settings.webhook_trusted_proxies,
    )
    return counted_as(address)


async def nowhere(panel: Panel, request: Request, error: HTTPException) -> Response:
    """An address that there is not; who is signed in goes on from there by the menu."""
    try:
        session = await _session(panel, request)
    except Exception as away:
        if not is_unavailable(away):
            raise
        session = None
    return _no(panel, error.status_code, *NOWHERE, session)
