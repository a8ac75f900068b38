"""`python -m benchmarks.panel_growth`: how long does each page of the panel take over HTTP, empty and grown?

Every list with every filter, its second page, what it is searched for, a row of it, and the others. One person asks for
one page after another, on loopback; the figure is the median, and the worst stands beside it.
"""

import asyncio
import os
import re
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from hashlib import sha256
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Annotated

import typer
import uvicorn

from benchmarks.databases import database_on, fetch_value
from benchmarks.environments import Servers
from benchmarks.grown import SHOP, grow
from billing_service.admin import site
from billing_service.admin.listing import Listing
from billing_service.app import create_app
from billing_service.audit.service import Deed
from billing_service.config import Settings
from billing_service.dev.servers import embedded_servers
from billing_service.kit.http import httpx
from billing_service.schema import migrate
from billing_service.services import open_services
from billing_service.staff import service as staff
from billing_service.staff.roles import Role

NAME, PASSWORD = "bench", "correct horse battery"
NO_ID, NOBODY = "4a8b9f5e-2a58-4c4b-9a53-0f6d6c1b7e11", 1001
A_ROW, ONWARDS = r'href="(/admin/{name}/[^"]+)">Открыть', r'href="([^"]+)" rel="next"'
Taken = Mapping[str, tuple[float, float]]


def main(
    users: Annotated[
        int, typer.Option(min=1000, help="Of the grown database; ten payments for three.")
    ] = 300_000,
    rounds: Annotated[int, typer.Option(min=1, help="How often each page is opened.")] = 5,
) -> None:
    """Measure every page of the panel."""
    with (
        TemporaryDirectory(prefix="billing-benchmark-") as folder,
        embedded_servers(Path(folder) / "data", throwaway=True) as servers,
    ):
        lent = Servers(servers.database_url, servers.redis_url)
        empty, grown = [_measure(lent, size, rounds) for size in (0, users)]
    typer.echo(f"{'page':48}{'empty':>9}{'grown':>9}{'worst':>9}  ms, and the ratio")
    for page, (after, worst) in grown.items():
        before = empty[page][0] if page in empty else None
        ratio = f"{after / before:9.1f}" if before else ""
        typer.echo(f"{page:48}{before or 0:>9.0f}{after:>9.0f}{worst:>9.0f}{ratio}")


def _measure(servers: Servers, users: int, rounds: int) -> Taken:
    with database_on(servers.database_url) as database_url:
        migrate.upgrade(database_url)
        if users:
            typer.echo(f"making a database of {users} users", err=True)
            grow(database_url, users)
        return asyncio.run(_pages(_settings(database_url, servers.redis_url), rounds))


def _settings(database_url: str, redis_url: str) -> Settings:
    """Of the live shop, as the grown database is; nobody is called."""
    return Settings(
        _env_file=None,
        database_url=database_url,
        redis_url=redis_url,
        billing_service_tokens=f"main:{sha256(b'token').hexdigest()}:user",
        billing_encryption_keys=urlsafe_b64encode(os.urandom(32)).decode(),
        yookassa_mode="prod",
        yookassa_shop_id_prod=SHOP,
        yookassa_api_key_prod="live_benchmark",
        admin_enabled=True,
    )


async def _pages(settings: Settings, rounds: int) -> Taken:
    async with open_services(settings) as services:
        await staff.add(services, NAME, Role.OWNER, PASSWORD, Deed("cli", NAME, "to measure", ""))
    taken: dict[str, list[float]] = {}
    async with _serving(settings) as address, httpx.AsyncClient(base_url=address, timeout=60) as browser:
        # As behind a proxy that speaks TLS: the cookie is for nothing else.
        signed = await browser.post(
            "/admin/sign-in",
            data={"name": NAME, "password": PASSWORD},
            headers={"Origin": address.replace("http:", "https:")},
        )
        browser.headers["Cookie"] = signed.headers["set-cookie"].partition(";")[0]
        for name, path in (await _addresses(browser, settings.database_url)).items():
            # The first time, statements are prepared and pages are read from disk.
            for _ in range(rounds + 1):
                taken.setdefault(name, []).append(await _seconds(browser, path) * 1000)
    return {name: (median(times[1:]), max(times)) for name, times in taken.items()}


async def _seconds(browser: httpx.AsyncClient, path: str) -> float:
    began = perf_counter()
    page = await browser.get(path)
    assert page.status_code < 400 or "search" in path, (page.status_code, path)  # noqa: S101 (found in the panel)
    return perf_counter() - began


@asynccontextmanager
async def _serving(settings: Settings) -> AsyncIterator[str]:
    server = uvicorn.Server(
        uvicorn.Config(create_app(settings), port=0, log_config=None, proxy_headers=False)
    )
    task = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn tells it no other way)
        await asyncio.sleep(0.02)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        yield f"http://127.0.0.1:{port}"
    finally:
        server.should_exit = True
        await task


async def _addresses(browser: httpx.AsyncClient, database_url: str) -> Mapping[str, str]:
    """What people open, by the name it is reported under."""

    async def one(sql: str) -> object:
        return await asyncio.to_thread(fetch_value, database_url, sql)

    user = await one("SELECT max(user_id) / 2 FROM subscriptions") or NOBODY
    payment = await one("SELECT id FROM payments ORDER BY created_at DESC OFFSET 100 LIMIT 1") or NO_ID
    found = {
        "today": "/admin/",
        **{f"renewals, {days} days": f"/admin/renewals?days={days}" for days in (7, 31)},
        "a user": f"/admin/users/{user}",
        "search: a user": f"/admin/search?q={user}",
        "search: an id": f"/admin/search?q={payment}",
        "search: a request": "/admin/search?q=0123456789abcdef",
    }
    for listing in site.LISTINGS:
        found |= await _of_list(browser, listing, {"user": str(user), "payment": str(payment)})
    return found | {f"form: {act.name}": f"/admin/acts/{act.name}" for act in site.ACTS if not act.subject}


async def _of_list(
    browser: httpx.AsyncClient, listing: Listing, searched: Mapping[str, str]
) -> dict[str, str]:
    """The list, its filters and searches; a row and the second page as it links to them."""
    name, path = listing.name, f"/admin/{listing.name}"
    found = {name: path}
    for one in listing.filters:
        found |= {f"{name}, {choice}": f"{path}?{one.name}={choice}" for choice in one.choices}
    if listing.searches:
        found |= {f"{name}, of a {what}": f"{path}?q={text}" for what, text in searched.items()}
    page = (await browser.get(path)).text
    for what, link in (("a row", A_ROW.format(name=name)), ("second page", ONWARDS)):
        if met := re.search(link, page):
            found[f"{name}, {what}"] = met[1].replace("&amp;", "&")
    return found


if __name__ == "__main__":
    typer.run(main)
