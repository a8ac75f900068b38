"""The list of changes that tests must notice keeps up with the code and the tests; `make mutants` tries them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from mutants.change import Change, load
from mutants.drawing import SOURCE, draw, places
from mutants.reach import FIRST_SECONDS, Reach
from mutants.running import Ran
from mutants.trial import verdict_of

CHANGES = load()
MONEY_MOVES_IN = (
    *("payments/settlement.py", "payments/comparison.py", "payments/capture.py"),
    *(f"provider_calls/{room}.py" for room in ("sending", "asking", "walking", "kinds", "marks")),
)
# They hold what is written to what is served, so that they would notice anything and say nothing about a promise.
NOTICE_EVERYTHING = ("tests/test_openapi", "tests/test_schemathesis", "tests/test_database.py")


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.name)
def test_every_change_can_still_be_made_and_names_tests_that_exist(change: Change, repository: Path) -> None:
    assert list(change.stale(repository)) == []
    changed = change.applied_to((repository / change.file).read_text())
    if change.file.endswith(".py"):
        ast.parse(changed)


def test_changes_are_told_apart_by_their_names() -> None:
    assert len({change.name for change in CHANGES}) == len(CHANGES)


def test_there_are_enough_of_them_where_money_moves() -> None:
    assert len(CHANGES) >= 60
    assert len([change for change in CHANGES if change.file.endswith(MONEY_MOVES_IN)]) >= 20


def test_each_is_noticed_by_a_test_of_behaviour() -> None:
    named = {test for change in CHANGES for test in change.noticed_by}

    assert [test for test in named if test.startswith(NOTICE_EVERYTHING)] == []
    assert all(change.noticed_by for change in CHANGES)


def test_a_change_whose_text_is_gone_is_refused_loudly(tmp_path: Path) -> None:
    change = Change("gone", "code.py", "before", "after", "it is there", ["tests/test_gone.py::test_gone"])
    (tmp_path / "code.py").write_text("something else")

    assert list(change.stale(tmp_path)) == [
        "the text before is found 0 times in code.py",
        "there is no test tests/test_gone.py::test_gone",
    ]


def test_an_unknown_change_is_refused(repository: Path) -> None:
    command = [sys.executable, "-m", "mutants", "--only", "nonsense"]

    ran = subprocess.run(command, cwd=repository, capture_output=True, text=True, timeout=60, check=False)

    assert ran.returncode == 2
    assert "there is no change nonsense" in ran.stderr


ROOM = """
def share(whole: int | None, of: int = 3) -> int:
    if whole is None:
        return 0
    return whole // of


def both(*, factor: int = field(description=7), **named: int) -> dict[str, int]:
    return {**named}
"""


@pytest.fixture
def a_tree(tmp_path: Path) -> Path:
    (tmp_path / SOURCE / "room").mkdir(parents=True)
    (tmp_path / SOURCE / "room" / "shares.py").write_text(ROOM)
    return tmp_path


def test_a_seed_draws_the_same_changes_again(a_tree: Path) -> None:
    found = places(a_tree, ["room"])

    def drawn_by(seed: int) -> list[str]:
        return [change.name for _, change in draw(a_tree, found, seed=seed, number=4)]

    assert drawn_by(7) == drawn_by(7)
    assert len({tuple(drawn_by(seed)) for seed in range(5)}) > 1


def test_what_is_drawn_is_python_that_runs_otherwise(a_tree: Path) -> None:
    drawn = [change for _, change in draw(a_tree, places(a_tree, ["room"]), seed=1, number=100)]

    # The default, the question and what it asks, the answer, the division and its numbers; no annotation, no stars.
    assert {change.name.split()[0] for change in drawn} >= {"room/shares.py:3:7", "room/shares.py:5:17"}
    for change in drawn:
        assert ast.dump(ast.parse(change.after)) != ast.dump(ast.parse(change.before))
        assert "-> int | None" not in change.promise
        assert not {"**named", "7", "*,"} & set(change.promise.split()), change.promise
        assert "{" not in change.promise


def test_the_tests_of_a_line_are_tried_the_quickest_first() -> None:
    reach = Reach(
        {"a.py": {1: frozenset(), 2: frozenset({"slow", "quick"}), 3: frozenset({"other"})}},
        {"slow": FIRST_SECONDS * 2, "quick": 0.1, "other": 1.0},
    )

    assert reach.waves("a.py", 2) == [["quick"], ["slow"]]
    # What runs as the file is imported belongs to all of its tests; of a file that no test runs there are none.
    assert reach.waves("a.py", 1) == [["quick", "other"], ["slow"]]
    assert reach.waves("b.py", 1) == []


NOT_IMPORTED = {
    "ImportError while loading conftest 'tests/conftest.py'.\nsrc/a.py:1\nE   KeyError: 201\n": (
        "conftest",
        "KeyError: 201",
    ),
    "ERROR tests/test_a.py - TypeError: no\n!!! stopping\n": ("tests/test_a.py", "TypeError: no"),
}


@pytest.mark.parametrize(("output", "told"), NOT_IMPORTED.items())
def test_a_service_that_cannot_be_imported_is_noticed_by_every_test(
    output: str, told: tuple[str, str]
) -> None:
    ran = Ran(4, output)

    assert verdict_of(ran, stages_count=True) == told
    assert verdict_of(ran, stages_count=False).noticed_by is None


def test_what_is_not_there_to_be_run_has_noticed_nothing() -> None:
    assert verdict_of(Ran(4, "ERROR: file or directory not found: a"), stages_count=True).noticed_by is None
