"""What is installed is pinned and hashed, and no file says where from."""

import json
import re
from pathlib import Path

import pytest

LOCKS = sorted(
    lock
    for lock in Path(__file__).parents[1].glob("**/package-lock.json")
    if "node_modules" not in lock.parts
)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_every_package_of_node_is_pinned_by_its_hash(lock: Path) -> None:
    packages = json.loads(lock.read_text())["packages"]
    wanted = json.loads(lock.with_name("package.json").read_text())

    for name, package in packages.items():
        if name:
            assert package["integrity"].startswith("sha512-"), name
            assert "resolved" not in package, name
    for version in wanted.get("devDependencies", {}).values():
        assert re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", version), version


def test_the_locks_of_node_are_found() -> None:
    assert "apilint" in {lock.parent.name for lock in LOCKS}
