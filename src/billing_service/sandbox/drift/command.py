"""The command that compares the sandbox with a test shop at YooKassa."""

import asyncio
import os
import sys
import time
from pathlib import Path
from typing import Annotated

import httpx2 as httpx
import typer

from billing_service.sandbox.app import Sandbox
from billing_service.sandbox.drift.comparing import CannotCompare, Compared, Side, compare

YOOKASSA = "https://api.yookassa.ru/v3"
SECRET = "YOOKASSA_API_KEY_TEST"  # noqa: S105 (its name)
TIMEOUT_SECONDS, LOOK_SECONDS = 40, 2
DIFFERS, CANNOT_COMPARE = 1, 2


def drift(
    *,
    shop_id: Annotated[
        str, typer.Option(help="Of a test shop; its secret key comes from YOOKASSA_API_KEY_TEST.")
    ],
    key_file: Annotated[
        Path | None, typer.Option(help="Read the secret key from here instead of the environment.")
    ] = None,
    only_reads: Annotated[
        bool, typer.Option("--only-reads", help="Create nothing: the only way to compare with a live shop.")
    ] = False,
    no_payer: Annotated[
        bool, typer.Option("--no-payer", help="Leave out what somebody would have to pay in a browser.")
    ] = False,
    payer_waits: Annotated[float, typer.Option(help="How many seconds somebody has to pay.")] = 600,
    api_url: Annotated[str, typer.Option(help="Where that shop's provider answers.")] = YOOKASSA,
) -> None:
    """Compare the sandbox with a test shop at YooKassa: 0 the same, 1 the first difference, 2 not to be compared."""
    try:
        theirs = _Theirs(shop_id, _secret(key_file), api_url.rstrip("/"), 0 if no_payer else payer_waits)
        found = asyncio.run(_compare(theirs, only_reads=only_reads))
    except CannotCompare as error:
        typer.echo(f"not compared: {error}", err=True)
        raise typer.Exit(CANNOT_COMPARE) from None
    if not found:
        raise typer.Exit(DIFFERS)


def _secret(key_file: Path | None) -> str:
    try:
        secret = key_file.read_text().strip() if key_file else os.environ.get(SECRET, "")
    except OSError as error:
        raise CannotCompare(f"{key_file}: {os.strerror(error.errno or 0)}") from error
    if not secret:
        raise CannotCompare(f"put the secret key of the test shop into {SECRET}, or name its --key-file")
    return secret


class _Theirs:
    """The shop at the provider."""

    def __init__(self, shop_id: str, secret: str, api_url: str, patience: float) -> None:
        self.shop_id, self.secret, self._patience = shop_id, secret, patience
        self.http = httpx.AsyncClient(base_url=api_url, timeout=TIMEOUT_SECONDS, trust_env=True)

    async def me(self) -> dict[str, object]:
        """What the provider says of the shop. Raises `CannotCompare`."""
        try:
            answer = await self.http.get("/me", auth=(self.shop_id, self.secret))
            said = answer.json()
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            raise CannotCompare(f"the provider does not answer: {type(error).__name__}") from None
        if answer.status_code != 200 or not isinstance(said, dict):
            raise CannotCompare(
                f"the provider answers {answer.status_code} to GET /me: is it this shop's key?"
            )
        return said

    async def pay(self, payment: str, link: str) -> bool:
        """Wait until somebody has paid, for as long as he has."""
        if not self._patience:
            return False
        typer.echo(f"Pay this in a browser, with a test card of YooKassa's: {link}")
        ends_at = time.monotonic() + self._patience
        while time.monotonic() < ends_at:
            answer = await self.http.get(f"/payments/{payment}", auth=(self.shop_id, self.secret))
            if answer.is_success and (status := answer.json().get("status")) != "pending":
                return bool(status == "waiting_for_capture")
            await asyncio.sleep(LOOK_SECONDS)
        return False


async def _compare(theirs: _Theirs, *, only_reads: bool) -> bool:
    async with theirs.http, Sandbox(notify_url=None) as sandbox:
        said = await theirs.me()
        if said.get("test") is not True and not only_reads:
            raise CannotCompare("this is a live shop: --only-reads asks it questions and creates nothing")
        fiscal = said.get("fiscalization_enabled") is True
        shop = sandbox.yookassa.shop
        # What a contract decides, the sandbox follows.
        shop.fiscalization, shop.test = fiscal, said.get("test") is True
        transport = httpx.ASGITransport(app=sandbox.app)
        async with (
            httpx.AsyncClient(transport=transport, base_url="http://sandbox/v3") as api,
            httpx.AsyncClient(transport=transport, base_url="http://sandbox/_sandbox") as office,
        ):

            async def pay(payment: str, _link: str) -> bool:
                return (await office.post(f"/payments/{payment}/pay", json={})).is_success

            ours = Side("the sandbox", api, shop.account_id, shop.secret_key, pay, fiscal)
            other = Side("the provider", theirs.http, theirs.shop_id, theirs.secret, theirs.pay, fiscal)
            return await _told(ours, other, only_reads=only_reads)


async def _told(ours: Side, theirs: Side, *, only_reads: bool) -> bool:
    """Whether it was all the same."""
    same = left_out = 0
    async for compared in compare(ours, theirs, only_reads=only_reads):
        typer.echo(_line(compared))
        if compared.difference:
            return False
        left_out += compared.not_because is not None
        same += compared.not_because is None
        sys.stdout.flush()
    typer.echo(f"no difference: {same} steps were the same, {left_out} were not compared")
    return True


def _line(compared: Compared) -> str:
    step = compared.step
    asked = f"{step.name} ({step.method} {step.path})"
    if compared.not_because:
        return f"not compared: {asked}, because {compared.not_because}"
    if compared.difference is None:
        return f"the same: {asked}"
    path, ours, theirs = compared.difference
    return f"DIFFERENT: {asked}\n  at      {path}\n  ours    {ours!r}\n  theirs  {theirs!r}"
