"""Take both through the scenario, step by step, until something differs."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import uuid4

import httpx2 as httpx

from billing_service.sandbox.drift.placeholders import Json, Placeholders
from billing_service.sandbox.drift.scenario import SCENARIO, Step, receipt_of

ABSENT = "nothing"
Pay = Callable[[str, str], Awaitable[bool]]


class Difference(NamedTuple):
    """Where in the answer, and what stands there on both sides."""

    path: str
    ours: Json
    theirs: Json


class Compared(NamedTuple):
    """A step: the same on both, or where not; or why it was not compared."""

    step: Step
    difference: Difference | None = None
    not_because: str | None = None


class CannotCompare(Exception):
    """Says why in one line, without a secret."""


@dataclass
class Side:
    """A shop. `pay` brings a payment's link to a payer, and answers whether it was paid; one that `is_fiscal` is told
    what stands on the receipt of everything."""

    name: str
    http: httpx.AsyncClient
    shop_id: str
    secret: str
    pay: Pay
    is_fiscal: bool = False
    known: dict[str, str] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    placeholders: Placeholders = field(default_factory=Placeholders)

    async def ask(self, step: Step) -> httpx.Response:
        """Raises `CannotCompare` if nobody answers."""
        headers = {}
        if step.method == "POST" and step.key is not None:
            headers["Idempotence-Key"] = (
                self.keys.setdefault(step.key, str(uuid4())) if step.key else str(uuid4())
            )
        auth = (self.shop_id, step.secret or self.secret)
        query, body = _filled(step.query, self.known), _filled(step.body, self.known)
        if self.is_fiscal and body and "amount" in body:
            body = {**body, "receipt": receipt_of(body["amount"])}
        try:
            return await self.http.request(
                step.method,
                _filled(step.path, self.known),
                params=query,
                json=body,
                headers=headers,
                auth=auth,
            )
        except httpx.HTTPError as error:
            raise CannotCompare(f"{self.name} does not answer: {type(error).__name__}") from error

    def keep(self, step: Step, answer: Json) -> None:
        for name, path in step.keeps.items():
            value = answer
            for part in path.split("."):
                value = value.get(part) if isinstance(value, dict) else None
            if isinstance(value, str):
                self.known[name] = value


def _filled(template: Any, known: Mapping[str, str]) -> Any:  # noqa: ANN401 (of any shape)
    if isinstance(template, str):
        for name, value in known.items():
            template = template.replace("{" + name + "}", value)
        return template
    if isinstance(template, Mapping):
        return {name: _filled(value, known) for name, value in template.items()}
    return template


async def compare(ours: Side, theirs: Side, *, only_reads: bool) -> AsyncIterator[Compared]:
    """Each step as it was compared; nothing after the first difference. Raises `CannotCompare`."""
    for step in SCENARIO:
        if reason := await _why_not(step, ours, theirs, only_reads=only_reads):
            yield Compared(step, not_because=reason)
            continue
        answers = await asyncio.gather(ours.ask(step), theirs.ask(step))
        if answers[1].status_code in step.unless:
            yield Compared(step, not_because=f"that shop answers {answers[1].status_code}: it has not got it")
            continue
        said = [_said(answer) for answer in answers]
        for side, answer in zip((ours, theirs), said, strict=True):
            side.keep(step, answer["body"])
        shown = [side.placeholders.put(answer) for side, answer in zip((ours, theirs), said, strict=True)]
        difference = next(differences(*shown), None)
        yield Compared(step, difference)
        if difference:
            return


async def _why_not(step: Step, ours: Side, theirs: Side, *, only_reads: bool) -> str | None:
    if only_reads and not step.only_reads:
        return "it would leave a trace in a live shop"
    if step.needs and step.needs not in theirs.known:
        return f"what it needs was not compared: {step.needs}"
    if any("{" + name in step.path + str(step.query) for name in _NAMES - theirs.known.keys()):
        return "what it asks about was not compared"
    if step.pays:
        if not await theirs.pay(theirs.known[step.pays], theirs.known.get("link", "")):
            return "nobody paid in a browser"
        await ours.pay(ours.known[step.pays], "")
    return None


_NAMES = frozenset(name for step in SCENARIO for name in step.keeps)


def _said(answer: httpx.Response) -> dict[str, Json]:
    try:
        body = answer.json()
    except ValueError:
        body = {"no JSON": True}
    return {"status": answer.status_code, "body": body}


def differences(ours: Json, theirs: Json, path: str = "") -> Iterator[Difference]:
    """Every place at which two answers differ, the outermost first."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        for name in sorted(ours.keys() | theirs.keys(), key=lambda name: (name != "status", name)):
            here = f"{path}.{name}" if path else name
            yield from differences(ours.get(name, ABSENT), theirs.get(name, ABSENT), here)
    elif isinstance(ours, list) and isinstance(theirs, list):
        if len(ours) != len(theirs):
            yield Difference(f"{path}.length", len(ours), len(theirs))
        for number, (one, other) in enumerate(zip(ours, theirs, strict=False)):
            yield from differences(one, other, f"{path}[{number}]")
    elif type(ours) is not type(theirs) or ours != theirs:
        yield Difference(path, ours, theirs)
