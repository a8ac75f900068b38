"""What the service writes down: names that can be searched for, one JSON object a line, and no secret."""

import ast
import asyncio
import base64
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

from cryptography.fernet import Fernet

from billing_service.config import Settings
from billing_service.kit.http import httpx
from tests.outside import a_running_service

LEVELS = {"debug", "info", "warning", "error", "critical", "exception"}
EVENT = re.compile(r"[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*")
IRREGULAR = {"forgot", "found", "given", "held", "left", "lost", "written"}
# What passes an event on to the log, and where it does.
PASSED_ON = {"tell_its_end": "provider_calls/doubt.py"}
TOKEN, API_KEY, CANARY = "canaryToken", "test_canaryKey", "canaryOfTheCaller"
IN_PRODUCTION = {
    "BILLING_ENV": "prod",
    "BILLING_SERVICE_TOKENS": f"main:{hashlib.sha256(TOKEN.encode()).hexdigest()}:user",
    "BILLING_ENCRYPTION_KEYS": Fernet.generate_key().decode(),
    "YOOKASSA_MODE": "test",
    "YOOKASSA_SHOP_ID_TEST": "200600",
    "YOOKASSA_API_KEY_TEST": API_KEY,
    "YOOKASSA_API_URL": "https://127.0.0.1:1/v3",
}


def events(source: Path) -> Iterator[tuple[str, ast.expr]]:
    """Every first argument of a call of `log`, or of what passes it on, and where it stands."""
    for file in sorted(source.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id="log"), attr=level), args=[event, *_]):
                    if level in LEVELS and str(file.relative_to(source)) not in PASSED_ON.values():
                        yield f"{file.relative_to(source)}:{node.lineno}", event
                case ast.Call(func=ast.Attribute(attr=method), args=[event, *_]):
                    if method in PASSED_ON:
                        yield f"{file.relative_to(source)}:{node.lineno}", event


def fixed_names(event: ast.expr) -> list[str]:
    """What the line may be called; only the noun may be filled in, by what payments and refunds share."""
    match event:
        case ast.Constant(value=str(name)):
            return [name]
        case ast.IfExp(body=one, orelse=other):
            return [*fixed_names(one), *fixed_names(other)]
        case ast.Call(func=ast.Attribute(attr="event"), args=[ast.Constant(value=str(word))]):
            return [f"noun.{word}"]
    return []


def names_what_happened(event: str) -> bool:
    words = event.partition(".")[2].split("_")
    return bool(EVENT.fullmatch(event)) and any(word.endswith("ed") or word in IRREGULAR for word in words)


def test_every_event_has_a_fixed_name_noun_and_past_tense(repository: Path) -> None:
    named = {where: fixed_names(event) for where, event in events(repository / "src" / "billing_service")}
    wrong = {
        where: names
        for where, names in named.items()
        if not all(map(names_what_happened, names)) or not names
    }

    assert len(named) > 20
    assert wrong == {}


async def test_in_production_every_line_is_json_names_its_request_and_tells_no_secret(
    tmp_path: Path, migrated: Settings
) -> None:
    async with (
        a_running_service(tmp_path, migrated, **IN_PRODUCTION) as outside,
        httpx.AsyncClient(base_url=outside.url, headers={"Authorization": f"Bearer {TOKEN}"}) as http,
    ):
        refused = await asyncio.gather(
            http.post(
                f"/api/v1/billing/create-payment/?card={CANARY}",
                json={"plan_code": "PRO_MONTHLY", "return_url": f"https://evil.example/{CANARY}"},
                headers={"X-User-Id": "1001", "X-Request-ID": "request-1", "Idempotency-Key": CANARY},
            ),
            http.post("/api/v1/billing/webhooks/yookassa", json={"card": CANARY}),
            http.get("/api/v1/billing/me/", headers={"Authorization": f"Bearer {CANARY}"}),
        )

    assert [answer.status_code for answer in refused] == [503, 403, 401]
    lines = [*map(json.loads, outside.log_of("api")), *map(json.loads, outside.log_of("worker"))]
    about = {line["event"]: line["request_id"] for line in lines if "request_id" in line}
    assert {about[event] for event in ("payment.started", "yookassa.called", "payment.left_open")} == {
        "request-1"
    }
    assert about["webhook.refused"] == refused[1].headers["x-request-id"]
    said = "\n".join(outside.log_of("api") + outside.log_of("worker"))
    basic = base64.b64encode(f"200600:{API_KEY}".encode()).decode()
    for secret in (TOKEN, API_KEY, CANARY, basic, IN_PRODUCTION["BILLING_ENCRYPTION_KEYS"]):
        assert secret not in said
