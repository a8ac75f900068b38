"""What the README says was run is what the file says."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from simulation.report import Part

from simulation import report


def test_the_readme_says_what_was_really_run() -> None:
    readme = report.README.read_text()

    assert report.with_figures(readme, report.recorded()) == readme, "run: python -m simulation figures"


def test_a_part_is_read_as_it_was_written() -> None:
    part = Part(
        "abc", 60, 20, [1, 2, 3, 7], 12.0, 5, 4, 3, Decimal("299.00"), Decimal("1.50"), Counter(charges=4)
    )

    assert Part.of_line(part.as_line()) == part


def test_a_run_is_recorded_once_after_each_seed_in_place_of_what_it_was_before(tmp_path: Path) -> None:
    runs = tmp_path / "runs.jsonl"
    earlier = Part("abc", 60, 20, [1, 2], purchases=5)
    for part in (
        earlier,
        *(Part("abd", 60, 20, list(range(1, last + 1)), purchases=last) for last in (1, 2, 3, 3)),
    ):
        report.record(part, runs)

    recorded = [Part.of_line(line) for line in runs.read_text().splitlines()]

    assert [(one.commit, one.seeds, one.purchases) for one in recorded] == [
        ("abc", [1, 2], 5),
        ("abd", [1, 2, 3], 3),
    ]


def test_parts_add_up() -> None:
    one = Part("abc", 60, 20, [1], purchases=5, happened=Counter({"charges": 4, "fault: api killed": 1}))
    other = Part("abd", 60, 20, [2, 3], purchases=2, happened=Counter({"fault: call slow": 2}))

    said = report.sentence([one, other])

    assert "3 seeds" in said
    assert "7 purchases, 4 charges" in said
    assert "1 kills and 2 other faults" in said


@pytest.mark.parametrize(("text", "seeds"), [("1-3,7", [1, 2, 3, 7]), ("4", [4]), ("2,1", [2, 1])])
def test_seeds_are_ranges(text: str, seeds: list[int]) -> None:
    assert report.seeds_of(text) == seeds
    assert report.seeds_of(report.ranges(seeds)) == sorted(seeds)


def test_a_fault_that_never_fired_is_named() -> None:
    assert report.never_fired({"fault: call slow": 0, "fault: call drop": 1, "buys": 0}) == ["call slow"]
