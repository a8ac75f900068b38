"""Shadow: ask the old service and this one the same about a user, and say what they answer otherwise."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from itertools import chain
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp

from billing_service.config import Settings
from billing_service.kit.http import httpx
from billing_service.kit.tokens import ServiceToken
from billing_service.kit.transaction import Transaction

BASE = "/api/v1/billing/"
ASKED = ("me/", "subscription/", "payments/?limit=100")
AT_ONCE, SECONDS = 8, 30
INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:?\d\d)")
# (answer, field) -> why it may be otherwise here, as `docs/moving-in.md` says.
EXPECTED: Mapping[tuple[str, str], str] = {
    ("subscription/", "autorenew_enabled"): "auto-renewal is off until its owner agrees here",
    ("subscription/", "autorenew_available"): "said by BILLING_RECURRING_ENABLED of each service",
    ("me/", "test_live_payment_available"): "said by BILLING_ADMIN_USER_IDS here",
    ("payments/", "status canceled, pending"): "asked about anew",
    ("payments/", "status refunded, succeeded"): "a part of it went back",
}


class Unreadable(Exception):
    """A file of the operator's is not what it should be."""


@dataclass(frozen=True)
class Asked:
    """A user: by his id here, and by what the old service knows him by."""

    user_id: int
    there: str


@dataclass(frozen=True)
class Difference:
    """`because` is empty where nobody knows why."""

    user_id: int
    field: str
    there: object
    here: object
    because: str = ""


def own_token(settings: Settings) -> tuple[Settings, str]:
    """The settings with one more token, made now and known to nobody else, that may ask as a user."""
    word = secrets.token_urlsafe(32)
    token = ServiceToken("compare", "compare", sha256(word.encode()).digest(), frozenset({"user"}))
    tokens = (*settings.billing_service_tokens, token)
    return settings.model_copy(update={"billing_service_tokens": tokens}), word


def read_users(path: Path) -> list[Asked]:
    """A line a user: his id here, and behind a blank what the old service knows him by, if that is another word."""
    asked = []
    for number, line in enumerate(path.read_text().splitlines(), 1):
        words = line.split()
        if not words or line.startswith("#"):
            continue
        if not words[0].isdecimal() or len(words) > 2:
            raise Unreadable(f"line {number} of {path} names no user")
        asked.append(Asked(int(words[0]), words[-1]))
    return asked


def read_headers(path: Path) -> Mapping[str, str]:
    """`Name: value` a line; `{user}` in a value stands for what the old service knows the user by."""
    lines = [line.split(":", 1) for line in path.read_text().splitlines() if line.strip()]
    if any(len(line) != 2 for line in lines):
        raise Unreadable(f"{path} must hold lines of the form Name: value")
    return {name.strip(): value.strip() for name, value in lines}


SAMPLE = """
    SELECT user_id FROM legacy_access WHERE NOT EXISTS (
        SELECT FROM user_moves m WHERE legacy_access.user_id IN (m.from_user_id, m.to_user_id))
    ORDER BY random() LIMIT $1
"""


async def sample(tx: Transaction, number: int) -> list[Asked]:
    """Some of those who came, by chance. The old service knows nothing of who has become another number here."""
    return [Asked(row["user_id"], str(row["user_id"])) for row in await tx.rows(SAMPLE, number)]


async def compare(
    users: Sequence[Asked],
    *,
    legacy_url: str,
    headers: Mapping[str, str],
    app: ASGIApp,
    token: str,
    transport: httpx.AsyncBaseTransport | None = None,
) -> AsyncIterator[Difference]:
    """What both answer otherwise, user by user; changes nothing. Raises httpx's errors."""
    ours = httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://billing" + BASE,
        headers={"Authorization": f"Bearer {token}"},
    )
    theirs = httpx.AsyncClient(
        base_url=legacy_url.rstrip("/") + BASE, timeout=SECONDS, transport=transport, trust_env=False
    )
    async with ours, theirs:
        for start in range(0, len(users), AT_ONCE):
            some = users[start : start + AT_ONCE]
            answers = await asyncio.gather(*(_of_user(ours, theirs, headers, one) for one in some))
            for difference in chain.from_iterable(answers):
                yield difference


async def _of_user(
    ours: httpx.AsyncClient, theirs: httpx.AsyncClient, headers: Mapping[str, str], asked: Asked
) -> Sequence[Difference]:
    named = {name: value.replace("{user}", asked.there) for name, value in headers.items()}
    found: list[Difference] = []
    for path in ASKED:
        there = await theirs.get(path, headers=named)
        here = await ours.get(path, headers={"X-User-Id": str(asked.user_id)})
        name = path.partition("?")[0]
        if (there.status_code, here.status_code) != (200, 200):
            found.append(Difference(asked.user_id, f"{name} status", there.status_code, here.status_code))
            continue
        found += _explained(asked.user_id, name, list(differing(there.json(), here.json())))
    return found


def _explained(user_id: int, name: str, found: Sequence[tuple[str, object, object]]) -> Iterator[Difference]:
    for field, there, here in found:
        last = field.rpartition(".")[2]
        words = f"{last} {there}, {here}" if name == "payments/" else last
        yield Difference(user_id, f"{name} {field}", there, here, EXPECTED.get((name, words), ""))


def differing(there: Any, here: Any, at: str = "") -> Iterator[tuple[str, object, object]]:  # noqa: ANN401 (JSON)
    """Each field that the old answer has and ours says otherwise; what is new in ours is nobody's loss. Payments are
    told apart by their ids; an instant may be written in any way, and so may a sum."""
    if isinstance(there, dict) and isinstance(here, dict):
        for name, value in there.items():
            yield from differing(value, here.get(name), f"{at}.{name}" if at else name)
    elif isinstance(there, list) and isinstance(here, list):
        known = {_id(one): one for one in here}
        for one in there:
            yield from differing(one, known.get(_id(one)), f"{at}[{_id(one)}]")
        for one in known.keys() - {_id(one) for one in there}:
            yield f"{at}[{one}]", None, known[one]
    elif not _same(there, here):
        yield at, there, here


def _id(one: Any) -> str:  # noqa: ANN401 (JSON)
    return str(one.get("id", one)) if isinstance(one, dict) else str(one)


def _same(there: object, here: object) -> bool:
    if there == here:
        return True
    if (
        isinstance(there, str)
        and isinstance(here, str)
        and INSTANT.fullmatch(there)
        and INSTANT.fullmatch(here)
    ):
        return datetime.fromisoformat(there) == datetime.fromisoformat(here)
    if isinstance(there, bool) or isinstance(here, bool) or there is None or here is None:
        return False
    try:
        return Decimal(str(there)) == Decimal(str(here))
    except InvalidOperation:
        return False


def text_of(difference: Difference) -> str:
    known = f" ({difference.because})" if difference.because else ""
    return f"user {difference.user_id}: {difference.field}: {difference.there!r} there, {difference.here!r} here{known}"
