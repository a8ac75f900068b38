"""Every page and act of the panel by every role and by nobody: found in the routes themselves, so none is forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount, Route

from billing_service.admin.guard import HEADERS
from billing_service.admin.routing import PanelRoute, refuse_unowned
from billing_service.app import create_app
from billing_service.services import Services
from billing_service.staff.roles import Role
from tests.admin.visitor import ORIGIN, Person
from tests.stage import Clock


# Written down here by itself: what support may not do. What is not named is for everybody who works here.
def forms(*acts: str) -> set[str]:
    return {
        f"{what}{act}{more}"
        for act in acts
        for what, more in (("GET /acts/", ""), ("POST /acts/", ""), ("POST /acts/", "/preview"))
    }


FINANCE = forms(
    *("give-days", "give-days-to-many", "revoke-days-of-many", "revoke-days", "refund", "refuse-card"),
    *("resolve-payment", "refund-on-request", "refuse-refund-request"),
    *("change-plan", "add-plan", "withdraw-plan", "sell-plan"),
)
OWNER = {"GET /people", "GET /people/{identity:path}"} | forms(
    *("stop-charging", "start-charging", "change-role", "disable-account", "enable-account"),
    *("add-account", "set-password", "erase-user", "move-user"),
)
OPEN = {"GET /sign-in", "POST /sign-in"}
REFUSED = {401, 403}


@dataclass(frozen=True)
class Entry:
    method: str
    path: str
    role: Role | None

    def __str__(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def address(self) -> str:
        return (
            self.path.replace("{identity:path}", "1")
            .replace("{user_id:int}", "1001")
            .replace("{key:uuid}", "4a8b9f5e-2a58-4c4b-9a53-0f6d6c1b7e11")
        )


def entries(panel: Services) -> Iterator[Entry]:
    app = create_app(panel.settings, panel)
    (mounted,) = (route for route in app.routes if isinstance(route, Mount) and route.path == "/admin")
    assert isinstance(mounted.app, Starlette)
    for route in mounted.app.routes:
        if isinstance(route, Mount):
            assert route.path == "/static"
            continue
        assert isinstance(route, Route)
        for method in sorted((route.methods or set()) - {"HEAD"}):
            yield Entry(method, route.path, route.role if isinstance(route, PanelRoute) else None)


async def answer(person: Person, entry: Entry, **form: str) -> int:
    if entry.method == "GET":
        return (await person.open(entry.address)).status_code
    return (await person.post(entry.address, form)).status_code


async def test_every_page_and_act_has_the_role_that_is_written_down(panel: Services) -> None:
    needed = {str(entry): entry.role for entry in entries(panel)}

    assert {name for name, role in needed.items() if role is None} == OPEN
    assert {name for name, role in needed.items() if role is Role.FINANCE} == FINANCE
    assert {name for name, role in needed.items() if role is Role.OWNER} == OWNER
    assert len(needed) > 15


@pytest.mark.parametrize("role", Role)
async def test_each_role_gets_where_it_may_and_nowhere_else(panel: Services, role: Role) -> None:
    async with Person.at(panel) as person:
        await person.sign_in(role.value)
        csrf = await person.csrf()
        for entry in entries(panel):
            if entry.role is None or entry.path == "/sign-out":
                continue
            status = await answer(person, entry, csrf=csrf)
            assert (status == 403) == (not role.may(entry.role)), (str(entry), status)
            assert status != 401, str(entry)
            assert status < 500, (str(entry), status)


async def test_nobody_gets_anywhere(stranger: Person, panel: Services) -> None:
    for entry in entries(panel):
        if entry.role is None:
            continue
        if entry.method == "GET":
            page = await stranger.open(entry.address)
            assert (page.status_code, page.headers["location"].partition("?")[0]) == (
                303,
                "/admin/sign-in",
            ), str(entry)
        else:
            assert await answer(stranger, entry) == 401, str(entry)


async def test_after_half_an_hour_without_a_word_nobody_gets_anywhere(
    owner: Person, panel: Services, clock: Clock
) -> None:
    csrf = await owner.csrf()
    await clock.advance(minutes=29)
    assert (await owner.open("/payments")).status_code == 200
    await clock.advance(minutes=31)

    # Signing out would end it for all that come behind.
    for entry in entries(panel):
        if entry.role is not None and entry.path != "/sign-out":
            assert await answer(owner, entry, csrf=csrf) in {303, 401}, str(entry)
            if entry.method == "GET":
                assert "sign-in" in (await owner.open(entry.address)).headers["location"]
    assert (await owner.post("/sign-out", {"csrf": csrf})).status_code == 401


async def test_no_act_is_taken_without_the_token_of_the_session_nor_with_anothers(
    owner: Person, support: Person, panel: Services
) -> None:
    others = await support.csrf()
    for entry in entries(panel):
        if entry.method == "POST" and entry.role is not None:
            for wrong in ({}, {"csrf": ""}, {"csrf": others}):
                assert await answer(owner, entry, **wrong) == 403, str(entry)
    assert (await owner.open("/payments")).status_code == 200


ELSEWHERE = (
    *({"Origin": origin} for origin in ("https://evil.example", "null", "http://billing.evil.example", "")),
    {"Origin": "http://billing:81"},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"},
    {"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"},
)


async def test_no_act_is_taken_from_another_site(owner: Person, panel: Services) -> None:
    csrf = await owner.csrf()
    for entry in entries(panel):
        for headers in ELSEWHERE if entry.method == "POST" else ():
            sent = await owner.post(entry.address, {"csrf": csrf}, **headers)
            assert sent.status_code == 403, (str(entry), headers)
    assert (await owner.open("/payments")).status_code == 200


async def test_who_does_not_say_from_where_is_refused(owner: Person) -> None:
    csrf = await owner.csrf()

    assert (await owner.http.post("/admin/sign-out", data={"csrf": csrf})).status_code == 403


async def test_in_production_an_order_over_plain_http_is_refused(panel: Services) -> None:
    """A cookie that is for TLS alone would not have come; but a proxy may send anything."""
    live = replace(panel, settings=panel.settings.model_copy(update={"billing_env": "prod"}))
    async with Person.at(live) as person:
        assert (await person.sign_in("owner")).status_code == 403
        signed = await person.http.post(
            "/admin/sign-in",
            data={"name": "owner", "password": "correct horse battery"},
            headers={"Origin": "https://billing"},
        )
        assert signed.status_code == 303
        cookie = signed.headers["set-cookie"]
        assert cookie.startswith("__Secure-billing_panel=")
        for wanted in ("HttpOnly", "Secure", "SameSite=strict", "Path=/admin"):
            assert wanted.lower() in cookie.lower()


async def test_every_answer_carries_the_headers(owner: Person, panel: Services) -> None:
    addresses = [entry.address for entry in entries(panel) if entry.method == "GET"]
    for path in [*addresses, "/static/panel.css", "/static/panel.js", "/static/none", "/nowhere"]:
        page = await owner.open(path)
        for name, value in HEADERS.items():
            assert page.headers[name] == value, (path, name)
    assert "unsafe" not in HEADERS["Content-Security-Policy"]


async def test_no_page_has_a_script_a_handler_or_a_style_of_its_own(owner: Person, panel: Services) -> None:
    for entry in entries(panel):
        if entry.method == "GET":
            text = (await owner.open(entry.address)).text
            assert text.count("<script") == text.count('<script src="/admin/static/panel.js" defer></script>')
            assert " style=" not in text
            assert " on" + "click" not in text
            assert "http://" not in text.replace("http://www.w3.org/2000/svg", "")


def test_a_page_that_says_no_role_stops_the_start() -> None:
    with pytest.raises(TypeError, match="neither which role"):
        refuse_unowned([Route("/secrets", lambda: None)])
