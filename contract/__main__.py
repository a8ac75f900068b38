"""Write the generated part of both clients anew: `make clients`; `--into DIR` writes it somewhere else."""

import argparse
import json
from pathlib import Path

from contract import python_client, typescript_client

ROOT = Path(__file__).parents[1]
PYTHON = Path("python/src/eatfit24_billing/generated")
TYPESCRIPT = Path("typescript/src/generated")


def main() -> None:
    parser = argparse.ArgumentParser(prog="contract", description=__doc__)
    parser.add_argument("--into", type=Path, default=ROOT / "clients")
    into: Path = parser.parse_args().into
    document = json.loads((ROOT / "openapi.json").read_text())
    python_client.write(document, into / PYTHON)
    typescript_client.write(document, into / TYPESCRIPT)


if __name__ == "__main__":
    main()
