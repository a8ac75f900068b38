"""The list of changes that tests must notice keeps up with the code and the tests; `make mutants` tries them."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from mutants.change import Change, load

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
