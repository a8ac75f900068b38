"""The same as `test_first_seeds`, in a module of its own so that another process runs it."""

from pathlib import Path

import pytest

from tests.simulation.run import LONGEST_SECONDS, simulate


@pytest.mark.timeout(LONGEST_SECONDS + 10)
def test_nothing_that_must_never_be_happens_in_two_other_months_of_faults(
    repository: Path, tmp_path: Path
) -> None:
    ran, histories = simulate(repository, tmp_path / "kept.json", "--seeds", "11-20", "--processor", "1")

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert len(histories) == 10
    assert all(history["figures"] and not history["findings"] for history in histories)


@pytest.mark.slow
@pytest.mark.timeout(36000)
def test_two_thousand_seeds(repository: Path, tmp_path: Path, rounds: int) -> None:
    """`make proofs`, at 200 rounds, runs 2,000 seeds; stop and go on by `python -m simulation --record --continue`."""
    if rounds < 200:
        pytest.skip("the first seeds are run by every `make test`")
    ran, histories = simulate(repository, tmp_path / "kept.json", "--seeds", "1-2000", longest_seconds=36000)

    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr
    assert len(histories) == 2000
