"""The README and the pages it leads to keep up with the code: links, the map, the commands."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from billing_service.cli import app

PAGES = sorted(
    str(page.relative_to(root))
    for root in [Path(__file__).parents[1]]
    for page in (root / "README.md", *(root / "docs").rglob("*.md"))
)
# Names of other people's programs.
OF_OTHERS = {"pg_rewind", "use_token"}
SPOKEN_OF = ("src", "migrations", "tests", "simulation", "benchmarks", "deploy", "contract", "findings")
WRITTEN = {".py", ".sql", ".ini", ".ts", ".yml", ".yaml", ".lua", ".css", ".html"}
LINK = re.compile(r"\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)")


def anchors(page: Path) -> set[str]:
    """The headings, as links name them."""
    return {
        re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-")
        for heading in re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    }


@pytest.mark.parametrize("name", PAGES)
def test_every_link_leads_somewhere(repository: Path, name: str) -> None:
    page = repository / name
    for path, anchor in LINK.findall(page.read_text()):
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), path
        assert not anchor or anchor in anchors(target), f"{path}#{anchor}"


@pytest.mark.parametrize("name", PAGES)
def test_what_is_named_beside_a_link_stands_in_that_file(repository: Path, name: str) -> None:
    page = repository / name
    for path, named in re.findall(r"\]\(([^)#]+\.(?:py|sql))\) `(\w+)`", page.read_text()):
        assert named in (page.parent / path).read_text(), (path, named)


@pytest.fixture(scope="module")
def words_of_the_code() -> set[str]:
    """Every name that is written in what the pages speak of."""
    root = Path(__file__).parents[1]
    files = [path for folder in SPOKEN_OF for path in (root / folder).rglob("*") if path.suffix in WRITTEN]
    files += [root / "Makefile", root / "openapi.json", root / "docs/alerts.yml"]
    return {word for path in files for word in re.findall(r"\w+", path.read_text())}


@pytest.mark.parametrize("name", PAGES)
def test_every_name_on_a_page_is_one_of_the_code(
    repository: Path, name: str, words_of_the_code: set[str]
) -> None:
    named = set(re.findall(r"`([a-z]+(?:_[a-z0-9]+)+)`", (repository / name).read_text()))

    assert named - words_of_the_code - OF_OTHERS == set()


def test_every_part_of_the_service_is_on_the_map(repository: Path) -> None:
    drawn = (repository / "README.md").read_text().partition("## The map")[2].partition("## ")[0]
    parts = {
        part.name if part.is_file() else f"{part.name}/"
        for part in (repository / "src" / "billing_service").iterdir()
        if not part.name.startswith("__") and (part.suffix == ".py" or (part / "__init__.py").exists())
    }

    assert {part for part in parts if f" {part}" not in drawn} == set()


def test_every_command_is_listed(repository: Path) -> None:
    readme = (repository / "README.md").read_text()
    commands = get_command(app).commands  # type: ignore[attr-defined]

    assert {name for name in commands if f"| `billing-service {name}` |" not in readme} == set()
    for name, command in commands.items():
        row = next(line for line in readme.splitlines() if line.startswith(f"| `billing-service {name}` |"))
        options = {option for parameter in command.params for option in parameter.opts} - {"--help"}
        assert {option for option in options if f"`{option}`" not in row} == set(), name


def test_every_number_of_a_command_is_one_that_the_database_takes() -> None:
    numbers = {
        f"{name} {one.name}": one.max for name, one in _parameters(get_command(app)) if one.min is not None
    }

    assert {"erase user_id", "move-user to_user_id", "grants give days"} <= numbers.keys()
    assert {name: most for name, most in numbers.items() if most is None or most > 2**63 - 1} == {}


def _parameters(command: Any, name: str = "") -> Iterator[tuple[str, Any]]:  # noqa: ANN401 (typer names no types)
    yield from ((name, parameter) for parameter in command.params)
    for verb, one in getattr(command, "commands", {}).items():
        yield from _parameters(one, f"{name} {verb}".strip())


def test_every_target_of_make_it_names_exists(repository: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (repository / "Makefile").read_text(), re.MULTILINE))
    commands = (repository / "README.md").read_text().partition("## Commands")[2].partition("## ")[0]

    for named in re.findall(r"`make ([a-z ]+)`", commands):
        assert set(named.split()) <= targets
