"""The simulation finds what is planted: a fault for each promise, in a copy of the code."""

import pytest
from mutants.tree import Tree
from simulation.planting import Planted

from simulation import planting

# Each ends within its first days.
QUICK = ("a-day-has-23-hours", "a-limit-of-three-means-four")
LATER = [planted for planted in planting.load() if planted.name not in QUICK]


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    return Tree(planting.ROOT, tmp_path_factory.mktemp("planted") / "tree")


def test_every_fault_can_be_planted() -> None:
    assert not [why for planted in planting.load() for why in planted.stale(planting.ROOT)]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("name", QUICK)
def test_a_planted_fault_is_found_by_its_seed(tree: Tree, addresses: tuple[str, str], name: str) -> None:
    planted = next(one for one in planting.load() if one.name == name)

    found = planting.find(tree, planted, addresses, [planted.seed])

    assert found is not None, f"nothing says that {planted.promise}"


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("planted", LATER, ids=lambda planted: planted.name)
def test_every_planted_fault_is_found_by_its_seed(
    tree: Tree, addresses: tuple[str, str], rounds: int, planted: Planted
) -> None:
    if rounds < 200:
        pytest.skip("two of them are tried by every `make test`, all by `make proofs`")

    assert planting.find(tree, planted, addresses, [planted.seed]), f"nothing says that {planted.promise}"
