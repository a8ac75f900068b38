"""Money in equals days granted, in worlds where everything goes wrong; and the same seed is the same history."""

from pathlib import Path

import pytest

from tests.simulation.run import LONGEST_SECONDS, simulate


@pytest.mark.timeout(LONGEST_SECONDS + 10)
def test_nothing_that_must_never_be_happens_in_two_months_of_faults(repository: Path, tmp_path: Path) -> None:
    ran, histories = simulate(repository, tmp_path / "kept.json", "--seeds", "1-10", "--processor", "0")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert [history["seed"] for history in histories] == list(range(1, 11))
    assert all(history["figures"] and not history["findings"] for history in histories)


@pytest.mark.timeout(600)
def test_the_same_seed_is_the_same_history(repository: Path, tmp_path: Path) -> None:
    asked = ("--seeds", "7,7", "--days", "6")

    _, (first, again) = simulate(repository, tmp_path / "kept.json", *asked)

    assert first["figures"] == again["figures"]
    assert first["turns"] == again["turns"]
    assert first["happened"] == again["happened"]
