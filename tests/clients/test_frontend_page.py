"""The life of a purchase in docs/frontend.md is run, and answered as the page says."""

import json
import re
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from billing_service.services import Services
from tests.stage import USER, BackOffice, Clock, MainBackend, work_off

PAGE = Path(__file__).parents[2] / "docs" / "frontend.md"
PAIR = re.compile(
    r"```http\n(\S+) (\S+)\n((?:[\w-]+: [^\n]+\n)*)\n?(.*?)```\n```json (\d+)\n(.*?)```", re.DOTALL
)
HEADING = re.compile(r"^#{2,3} (.+)$", re.MULTILINE)
# What differs each time, by how it looks.
CHANGING = [
    re.compile(looks)
    for looks in (
        r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}",
        r"\d{4}-\d\d-\d\d(T\S+Z)?",
        r"https?://\S+",
        r"[0-9a-f]{16,32}",
    )
]


@dataclass(frozen=True)
class Exchange:
    heading: str
    method: str
    path: str
    headers: dict[str, str]
    body: str
    status: int
    answer: Any


def exchanges() -> Iterator[Exchange]:
    page = PAGE.read_text()
    for found in PAIR.finditer(page):
        heading = HEADING.findall(page[: found.start()])[-1]
        method, path, headers, body, status, answer = found.groups()
        named = dict(line.split(": ", 1) for line in headers.splitlines())
        yield Exchange(heading, method, path, named, body, int(status), json.loads(answer))


def differences(shown: Any, told: Any, at: str = "answer") -> Iterator[str]:  # noqa: ANN401 (JSON)
    """`…` stands for what is left out; without it every field is shown."""
    if isinstance(shown, dict) and isinstance(told, dict):
        fields = shown.keys() - {"…"}
        if fields - told.keys() or ("…" not in shown and told.keys() - fields):
            yield f"{at} has the fields {sorted(told)}"
        for name in fields & told.keys():
            yield from differences(shown[name], told[name], f"{at}.{name}")
    elif isinstance(shown, list) and isinstance(told, list) and len(shown) == len(told):
        for number, (one, other) in enumerate(zip(shown, told, strict=True)):
            yield from differences(one, other, f"{at}[{number}]")
    elif shown != told and not _look_alike(shown, told):
        yield f"{at} is {told!r}, not {shown!r}"


def _look_alike(shown: object, told: object) -> bool:
    return (
        isinstance(shown, str)
        and isinstance(told, str)
        and any(looks.fullmatch(shown) and looks.fullmatch(told) for looks in CHANGING)
    )


async def test_the_life_of_a_purchase(
    api: MainBackend, office: BackOffice, services: Services, clock: Clock
) -> None:
    bought: dict[str, Any] = {}

    async def paid() -> None:
        await office.pay(bought)
        await work_off(services)

    async def declined() -> None:
        await office.decline(bought, "insufficient_funds")
        await work_off(services)

    async def a_month_passed() -> None:
        await clock.advance(days=31)

    # What happens before the first request of a step, and before its second one.
    meanwhile: dict[tuple[str, int], Callable[[], Awaitable[None]]] = {
        ("6. Paid", 0): paid,
        ("9. A purchase that fails", 1): declined,
        ("10. The end", 0): a_month_passed,
    }
    run: list[str] = []
    for exchange in exchanges():
        if happens := meanwhile.pop((exchange.heading, run.count(exchange.heading)), None):
            await happens()
        payment = bought.get("payment_id", "")
        answer = await api.http.request(
            exchange.method,
            exchange.path.replace("{payment}", payment),
            content=exchange.body,
            headers={"X-User-Id": str(USER), "Content-Type": "application/json"} | exchange.headers,
        )
        if "payment_id" in answer.json():
            bought = answer.json()
        shown = json.loads(json.dumps(exchange.answer).replace("{payment}", payment))

        assert answer.status_code == exchange.status, answer.text
        assert list(differences(shown, answer.json())) == [], exchange
        run.append(exchange.heading)

    assert not meanwhile
    assert [int(step.split(".")[0]) for step in dict.fromkeys(run) if step[0].isdigit()] == [*range(1, 11)]


@pytest.mark.parametrize(
    ("shown", "told"),
    [
        ({"a": 1}, {"a": 2}),
        ({"a": 1}, {"a": 1, "b": 2}),
        ({"a": 1, "…": "…"}, {"b": 1}),
        ({"a": "2026-11-27"}, {"a": "soon"}),
        ([1], [1, 2]),
        ({"a": None}, {"a": "x"}),
    ],
)
def test_a_page_that_says_something_else_is_noticed(shown: object, told: object) -> None:
    assert list(differences(shown, told))
