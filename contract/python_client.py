"""The generated part of `eatfit24_billing`: models and operations by openapi-python-client, codes by us."""

import json
import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from contract.document import Json, codes, for_clients, repeats

TEMPLATES = Path(__file__).with_name("templates")
BIN = Path(sys.executable).parent
GENERATOR = BIN.parent / "generator" / "bin"
# Not the project's own settings: the same bytes wherever it is written to.
RUFF = ["--isolated", "--config", "line-length = 110", "--quiet", "--no-cache"]
HEAD = '"""Written from `openapi.json` by `make clients`; not edited by hand."""\n\n'


def write(document: Json, generated: Path) -> None:
    """Write it into `generated`, in place of whatever is there."""
    with TemporaryDirectory() as folder:
        view, config = Path(folder, "openapi.json"), Path(folder, "config.json")
        view.write_text(json.dumps(for_clients(document), ensure_ascii=False))
        config.write_text(json.dumps({"literal_enums": True, "post_hooks": []}))
        _run(
            GENERATOR / "openapi-python-client",
            *("generate", "--meta", "none", "--overwrite", "--fail-on-warning"),
            *("--path", view, "--config", config, "--custom-template-path", TEMPLATES),
            *("--output-path", generated),
        )
    (generated / "codes.py").write_text(_codes(document))
    (generated / "repeats.py").write_text(_repeats(document))
    _run(BIN / "ruff", "check", *RUFF, "--fix", "--select=I,F401,UP", generated)
    _run(BIN / "ruff", "format", *RUFF, generated)


def _run(program: Path, *arguments: str | Path) -> None:
    done = subprocess.run(  # noqa: S603 (our own programs)
        [program, *arguments],
        env={"PATH": os.environ.get("PATH", "")},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{program.name}: {done.stdout}{done.stderr}")


def _codes(document: Json) -> str:
    classes = {code: (_class_of(code), status) for code, status in codes(document).items()}
    defined = "".join(
        f'class {name}({_kind_of(status)}):\n    code = "{code}"\n\n'
        for code, (name, status) in classes.items()
    )
    table = "".join(f'"{code}": {name}, ' for code, (name, _) in classes.items())
    return (
        f"{HEAD}from collections.abc import Mapping\n\n"
        "from ..errors import BillingError, Refused, Unavailable\n\n"
        f"{defined}BY_CODE: Mapping[str, type[BillingError]] = {{{table}}}\n"
    )


def _class_of(code: str) -> str:
    return "".join(word.capitalize() for word in code.split("_"))


def _kind_of(status: int) -> str:
    return "Unavailable" if status >= 500 else "Refused"


def _repeats(document: Json) -> str:
    table = json.dumps(repeats(document), indent=4)
    return f"{HEAD}from collections.abc import Mapping\n\nREPEATS: Mapping[str, str] = {table}\n"
