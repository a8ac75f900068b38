"""Each room says on its door what it owns, what it does not, and whom it calls; the last is what it imports."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[1] / "src" / "billing_service"
ROOMS = sorted(door.parent.name for door in SOURCE.glob("*/__init__.py"))
# What every room may call without saying so.
EVERYBODYS = {"kit", "config", "services", "observability", "web"}


def imported_by(room: str) -> Iterator[str]:
    for file in (SOURCE / room).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "billing_service":
                yield from (name.name for name in node.names)
            elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("billing_service."):
                yield (node.module or "").split(".")[1]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_says_what_it_owns_and_whom_it_calls(room: str) -> None:
    door = ast.get_docstring(ast.parse((SOURCE / room / "__init__.py").read_text())) or ""
    said = re.fullmatch(r"Owns: .+\n\nDoes not own: .+\nCalls down to: (.+)\.", door, re.DOTALL)

    assert said, door
    if room != "schema":  # which knows the models of them all
        calls = set(said[1].replace("\n", " ").split(", ")) - {"nothing"}
        assert calls == set(imported_by(room)) - EVERYBODYS - {room}
