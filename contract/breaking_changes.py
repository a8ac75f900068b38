"""What of `openapi.json` would break whoever was built for the released one.

Compared are operations, parameters, bodies, answers, scopes, what may be repeated, and events. Nothing of failures:
codes may be added, and a client takes an unknown one by its status. Nothing is seen of what words promise.
"""

from collections.abc import Iterator
from typing import Any

from contract.schemas import Comparison

Json = dict[str, Any]
UNREAD = {"description", "title", "example", "examples", "summary", "links", "tags", "default"}


def breaking_changes(released: Json, now: Json) -> list[str]:
    """One sentence each; none when a client of the released document needs no change."""
    asking = Comparison(_schemas(released), _schemas(now), of_answers=False)
    answering = Comparison(_schemas(now), _schemas(released), of_answers=True)
    return [
        *_of_operations(released["paths"], now["paths"], asking, answering),
        *_of_events(released.get("webhooks", {}), now.get("webhooks", {}), answering),
    ]


def essence(document: Json) -> Json:
    """What of a document is compared, to be kept."""
    kept = _read(document)
    return {key: kept[key] for key in ("openapi", "paths", "webhooks", "components")}


def _read(part: Any, *, names: bool = False) -> Any:  # noqa: ANN401 (JSON)
    """`names`: the keys are somebody's names, such as fields called `description`."""
    if isinstance(part, list):
        return [_read(one) for one in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _read(value, names=not names and key in {"properties", "schemas", "paths"})
        for key, value in part.items()
        if names or key not in UNREAD
    }


def _schemas(document: Json) -> Json:
    schemas: Json = document["components"]["schemas"]
    return schemas


def _of_operations(released: Json, now: Json, asking: Comparison, answering: Comparison) -> Iterator[str]:
    for path, methods in released.items():
        for method, before in methods.items():
            name = f"{method.upper()} {path}"
            after = now.get(path, {}).get(method)
            if after is None:
                yield f"{name} is gone"
                continue
            yield from _of_terms(before, after, name)
            yield from _of_parameters(before, after, name, asking)
            yield from _of_body(before, after, name, asking)
            yield from _of_answer(before, after, name, answering)


def _of_terms(before: Json, after: Json, name: str) -> Iterator[str]:
    if before["operationId"] != after["operationId"]:
        yield f"{name} is called {after['operationId']} now, not {before['operationId']}"
    if after.get("security", []) not in (before.get("security", []), []):
        yield f"{name} asks for {after['security']} now, not {before.get('security')}"
    was, is_now = before.get("x-safe-to-repeat"), after.get("x-safe-to-repeat")
    if is_now not in {was, "always"} and was != "never":
        yield f"{name} may be repeated {is_now} now, not {was}"


def _of_parameters(before: Json, after: Json, name: str, asking: Comparison) -> Iterator[str]:
    old, new = _parameters(before), _parameters(after)
    yield from (f"{name} takes no {gone} any more" for gone in sorted(old.keys() - new.keys()))
    for one, parameter in new.items():
        if parameter.get("required") and not old.get(one, {}).get("required"):
            yield f"{name} requires {one} now"
        if one in old:
            yield from asking.differences(old[one]["schema"], parameter["schema"], f"{name} {one}")


def _of_body(before: Json, after: Json, name: str, asking: Comparison) -> Iterator[str]:
    old, new = before.get("requestBody", {}), after.get("requestBody", {})
    if new.get("required") and not old.get("required"):
        yield f"{name} requires a body now"
    if old and not new:
        yield f"{name} takes no body any more"
    if old and new:
        yield from asking.differences(_schema(old), _schema(new), f"{name} body")


def _of_answer(before: Json, after: Json, name: str, answering: Comparison) -> Iterator[str]:
    old, new = _good(before), _good(after)
    if old.keys() != new.keys():
        yield f"{name} answers {', '.join(new)} now, not {', '.join(old)}"
    for status in old.keys() & new.keys():
        yield from answering.differences(_schema(new[status]), _schema(old[status]), f"{name} answer")


def _of_events(released: Json, now: Json, answering: Comparison) -> Iterator[str]:
    for kind, told in released.items():
        if kind not in now:
            yield f"the event {kind} is told no more"
            continue
        new, old = now[kind]["post"]["requestBody"], told["post"]["requestBody"]
        yield from answering.differences(_schema(new), _schema(old), f"event {kind}")


def _parameters(operation: Json) -> dict[str, Json]:
    return {f"{one['in']} {one['name']}": one for one in operation.get("parameters", ())}


def _good(operation: Json) -> Json:
    return {status: answer for status, answer in operation["responses"].items() if status[0] == "2"}


def _schema(part: Json) -> Json:
    schema: Json = part.get("content", {}).get("application/json", {}).get("schema", {})
    return schema
