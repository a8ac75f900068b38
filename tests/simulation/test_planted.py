"""The simulation finds what is planted: a fault for each promise, in a copy of the code."""

import pytest
from mutants.change import Change
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


def test_a_world_that_ends_with_an_error_is_not_taken_for_one_that_found_nothing(
    tree: Tree, addresses: tuple[str, str]
) -> None:
    change = Change(
        name="no-such-month",
        file="simulation/world.py",
        before="BEGIN = datetime(2027, 3,",
        after="BEGIN = datetime(2027, 13,",
        promise="",
        noticed_by=(),
    )
    planted = Planted("no-such-month", promise="", says="month", changes=[change], seed=1, days=1)

    with pytest.raises(planting.NoHistory, match="month must be in"):
        planting.find(tree, planted, addresses, [1])


@pytest.mark.slow
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("planted", LATER, ids=lambda planted: planted.name)
def test_every_planted_fault_is_found_by_its_seed(
    tree: Tree, addresses: tuple[str, str], rounds: int, planted: Planted
) -> None:
    if rounds < 200:
        pytest.skip("two of them are tried by every `make test`, all by `make proofs`")

    assert planting.find(tree, planted, addresses, [planted.seed]), f"nothing says that {planted.promise}"
