"""The door: in with a name and a password, and out."""

from math import ceil

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from billing_service.admin.guard import client_of, cookie_name, own_path, signed_in
from billing_service.admin.panel import BASE, Panel, Visit, go_to
from billing_service.kit.middleware import request_id_of
from billing_service.staff import sessions
from billing_service.staff.passwords import LONGEST, SHORTEST, PasswordTooWeak
from billing_service.staff.service import NAME
from billing_service.web import ratelimits
from billing_service.web.errors.requests import RateLimited
from billing_service.web.ratelimits import ADMIN_SIGN_IN
from billing_service.yookassa.networks import UntrustedAddress

WRONG = "Имя или пароль не подходят."


async def show_door(panel: Panel, request: Request) -> Response:
    """Where somebody signs in; what he asked for is remembered in the address."""
    return _door(panel, request.query_params.get("next", ""))


async def sign_in(panel: Panel, request: Request) -> Response:
    """Nobody learns which of the two was wrong; tries are counted before a password is looked at."""
    form = await request.form(max_files=0)
    name, password = str(form.get("name", "")).strip().lower(), str(form.get("password", ""))
    onwards = str(form.get("next", ""))
    if panel.settings.admin_trusted_header:
        return _door(panel, onwards, status=403, error="Сюда входят через единый вход компании.")
    try:
        await _count(panel, request, name)
    except UntrustedAddress:
        return _door(panel, onwards, status=403, error="Адрес не определён: проверьте настройку прокси.")
    except RateLimited as limited:
        return _too_many(panel, onwards, limited)
    token = (
        await sessions.sign_in(panel.services, panel.verifier, name, password)
        if NAME.fullmatch(name)
        else None
    )
    if token is None:
        return _door(panel, onwards, status=401, error=WRONG, name=name)
    return signed_in(panel, token, onwards or f"{BASE}/")


async def _count(panel: Panel, request: Request, name: str) -> None:
    """The address first, so that names that somebody makes up cost no more keys than his tries."""
    limiter, settings = panel.services.limiter, panel.settings
    await ratelimits.take(limiter, settings, ADMIN_SIGN_IN, f"address:{client_of(panel, request)}")
    if NAME.fullmatch(name):
        await ratelimits.take(limiter, settings, ADMIN_SIGN_IN, f"account:{name}")


def _door(panel: Panel, onwards: str, *, status: int = 200, error: str = "", name: str = "") -> Response:
    shown = own_path(onwards) if onwards else ""
    return panel.page("sign_in.html", status=status, onwards=shown, error=error, name=name[:64])


def _too_many(panel: Panel, onwards: str, limited: RateLimited) -> Response:
    seconds = limited.retry_after or 1
    answer = _door(
        panel, onwards, status=429, error=f"Слишком много попыток. Подождите {ceil(seconds / 60)} мин."
    )
    answer.headers["Retry-After"] = str(seconds)
    return answer


async def show_password(visit: Visit) -> Response:
    """Where somebody gives himself another password; with single sign-on nobody has one."""
    if visit.panel.settings.admin_trusted_header:
        raise HTTPException(404)
    return visit.page("password.html", error="")


async def change_password(visit: Visit) -> Response:
    """Counted as a try to sign in: it takes the password of now."""
    now, then, again = (visit.form.get(name, "") for name in ("now", "then", "again"))
    if visit.panel.settings.admin_trusted_header:
        raise HTTPException(404)
    if then != again:
        return visit.page("password.html", status=422, error="Новый пароль написан по-разному.")
    await _count(visit.panel, visit.request, visit.session.account)
    try:
        changed = await sessions.change_password(
            visit.services,
            visit.panel.verifier,
            visit.session,
            now=now,
            then=then,
            request_id=request_id_of(visit.request),
        )
    except PasswordTooWeak:
        weak = f"Нужно от {SHORTEST} до {LONGEST} символов, не одинаковых."
        return visit.page("password.html", status=422, error=weak)
    if not changed:
        return visit.page("password.html", status=422, error="Нынешний пароль не подходит.")
    return _left(visit.panel)


async def sign_out(visit: Visit) -> Response:
    """The session ends here and in the browser."""
    await sessions.sign_out(visit.services, visit.session)
    return _left(visit.panel)


def _left(panel: Panel) -> Response:
    answer = go_to("/sign-in")
    answer.delete_cookie(
        cookie_name(panel), path=BASE, httponly=True, secure=not panel.settings.is_dev, samesite="strict"
    )
    return answer
