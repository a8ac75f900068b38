"""What of `openapi.json` a client is made from."""

import re
from collections.abc import Iterator, Mapping
from copy import deepcopy
from typing import Any

Json = dict[str, Any]

# Called by YooKassa, browsers and the platform, not by the main backend.
OTHERS = {"receive_notification", "get_liveness", "get_readiness", "get_metrics", "get_index"}
# What any address may answer; the document says so in words.
ANYWHERE = {
    "INTERNAL_ERROR": 500,
    "NOT_FOUND": 404,
    "METHOD_NOT_ALLOWED": 405,
    "MALFORMED_REQUEST": 400,
    "HEAD_TOO_LARGE": 431,
}


def operations(document: Json) -> Iterator[tuple[str, str, Json]]:
    """Path, method and operation, of those that the main backend calls."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if operation["operationId"] not in OTHERS:
                yield path, method, operation


def for_clients(document: Json) -> Json:
    """Without failures, which every client raises by their code, and without examples: what they need to be built."""
    paths: dict[str, Json] = {}
    for path, method, operation in operations(document):
        good = {
            status: _bare(answer) for status, answer in operation["responses"].items() if status[0] == "2"
        }
        paths.setdefault(path, {})[method] = operation | {"responses": good}
    schemas = {
        name: {key: value for key, value in schema.items() if key != "example"}
        for name, schema in deepcopy(document["components"]["schemas"]).items()
    }
    # Later releases add kinds of events: a client that knows only today's must be able to read the list.
    schemas["EventListOut"]["properties"]["results"]["items"] = {
        "type": "object",
        "additionalProperties": True,
    }
    kept = {key: value for key, value in document.items() if key not in {"webhooks", "paths"}}
    return kept | {"paths": paths, "components": document["components"] | {"schemas": schemas}}


def repeats(document: Json) -> Mapping[str, str]:
    """What the document says of each operation: may it be sent again when its answer was lost?"""
    return {
        operation["operationId"]: operation["x-safe-to-repeat"] for _, _, operation in operations(document)
    }


def codes(document: Json) -> Mapping[str, int]:
    """Every code with a status it comes with."""
    told = dict(ANYWHERE)
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                for code in re.findall(r"`(\w+)`", answer["description"]) if status >= "4" else ():
                    told.setdefault(code, int(status))
    known: list[str] = document["components"]["schemas"]["ErrorCode"]["enum"]
    return {code: told[code] for code in known}


def _bare(answer: Json) -> Json:
    return {key: value for key, value in answer.items() if key not in {"headers", "links"}}
