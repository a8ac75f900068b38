"""A person at the panel: signs in, opens pages, sends the forms they show."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from html import unescape
from typing import Any, Self

from billing_service.app import create_app
from billing_service.audit.service import Deed
from billing_service.kit.http import httpx
from billing_service.services import Services
from billing_service.staff import passwords, service
from billing_service.staff.roles import Role
from tests.stage import in_process

PASSWORD = "correct horse battery"
ORIGIN = "http://billing"
FIELD = re.compile(r"<(?:input|textarea|select)[^>]*name=\"([^\"]+)\"[^>]*?(?:value=\"([^\"]*)\"[^>]*)?>")


def with_panel(services: Services, **settings: object) -> Services:
    changed = services.settings.model_copy(update={"admin_enabled": True} | settings)
    return replace(services, settings=changed)


async def hire(services: Services, name: str, role: Role, *, password: str | None = PASSWORD) -> None:
    """An account; of the same password for all, hashed once, because a hash is slow on purpose."""
    deed = Deed("cli", "test", "so the test begins", "")
    await service.add(services, name, role, None, deed)
    if password is not None:
        stored = HASHES.setdefault(password, passwords.hashed(password))
        async with services.statements.transaction() as tx:
            await tx.execute("UPDATE staff_accounts SET password_hash = $2 WHERE name = $1", name, stored)


HASHES: dict[str, str] = {}


@dataclass
class Person:
    """`http` is the browser."""

    http: httpx.AsyncClient
    services: Services

    @classmethod
    @asynccontextmanager
    async def at(cls, services: Services, *, peer: str = "127.0.0.1", **headers: str) -> AsyncIterator[Self]:
        app = create_app(services.settings, services)
        async with httpx.AsyncClient(
            transport=in_process(app, peer), base_url=ORIGIN, headers=headers
        ) as http:
            yield cls(http, services)

    async def sign_in(self, name: str, password: str = PASSWORD, **form: str) -> httpx.Response:
        return await self.http.post(
            "/admin/sign-in", data={"name": name, "password": password} | form, headers={"Origin": ORIGIN}
        )

    async def open(self, path: str) -> httpx.Response:
        return await self.http.get(f"/admin{path}")

    async def post(self, path: str, form: dict[str, Any], **headers: str) -> httpx.Response:
        return await self.http.post(f"/admin{path}", data=form, headers={"Origin": ORIGIN} | headers)

    async def csrf(self) -> str:
        return shown_in(await self.open("/search"))["csrf"]

    async def preview(
        self, act: str, subject: str = "", **said: str
    ) -> tuple[httpx.Response, dict[str, str]]:
        """What it would do, and the form that does it."""
        form = {"csrf": await self.csrf(), "subject": subject, "reason": "так решили"} | said
        page = await self.post(f"/acts/{act}/preview", form)
        return page, shown_in(page, f'action="/admin/acts/{act}"')

    async def do(self, act: str, subject: str = "", **said: str) -> httpx.Response:
        """The result page of an act that was previewed and then done."""
        page, form = await self.preview(act, subject, **said)
        assert page.status_code == 200, page.text
        done = await self.post(f"/acts/{act}", form)
        assert done.status_code == 303, done.text
        return await self.http.get(done.headers["location"])


def shown_in(page: httpx.Response, after: str = "") -> dict[str, str]:
    """The fields of the form that stands behind `after`, or of the whole page."""
    _, _, rest = page.text.partition(after) if after else ("", "", page.text)
    form = rest.partition("</form>")[0] if after else rest
    return {name: unescape(value) for name, value in FIELD.findall(form)}
