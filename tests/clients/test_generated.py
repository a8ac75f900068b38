"""The generated part of both clients is what its generators write from openapi.json, to the byte."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from contract import python_client, typescript_client
from contract.error_table import with_table

GENERATOR = python_client.GENERATOR / "openapi-python-client"
PARTS = ("python/src/eatfit24_billing/generated", "typescript/src/generated")


def files(folder: Path) -> dict[str, bytes]:
    return {
        str(file.relative_to(folder)): file.read_bytes()
        for file in folder.rglob("*")
        if file.is_file() and "__pycache__" not in file.parts
    }


def test_what_is_written_again_is_the_same_to_the_byte(repository: Path, tmp_path: Path) -> None:
    if not all(tool.exists() for tool in (GENERATOR, typescript_client.GENERATOR)):
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("run: make pytest")
    anew = [sys.executable, "-m", "contract", "clients", "--into", str(tmp_path)]
    subprocess.run(anew, cwd=repository, env=os.environ | {"PYTHONHASHSEED": "4711"}, check=True)

    for part in PARTS:
        assert files(repository / "clients" / part) == files(tmp_path / part), "run: make clients"


def test_the_table_of_error_codes_is_that_of_the_code(repository: Path) -> None:
    document = json.loads((repository / "openapi.json").read_text())
    page = (repository / "docs" / "frontend.md").read_text()

    assert page == with_table(document, page), "run: make clients"


def test_the_wheel_holds_the_generated_part_and_says_that_it_is_typed(
    repository: Path, tmp_path: Path
) -> None:
    package = repository / "clients" / "python"
    built = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(built, cwd=package, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    imports = (
        "import eatfit24_billing as e; from eatfit24_billing.generated.api import usage; print(e.__file__)"
    )
    found = subprocess.run(
        [
            sys.executable,
            "-I",
            "-c",
            f"import sys; sys.path.insert(0, {str(tmp_path / 'installed')!r}); {imports}",
        ],
        check=True,
        capture_output=True,
        text=True,
    )

    assert files(tmp_path / "installed" / "eatfit24_billing") == files(package / "src" / "eatfit24_billing")
    assert found.stdout.startswith(str(tmp_path))
    assert (tmp_path / "installed" / "eatfit24_billing" / "py.typed").exists()
