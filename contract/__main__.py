"""What follows from openapi.json.

python -m contract clients [--into DIR]   write the generated part of both clients, and the table of error codes in
                                          docs/frontend.md, anew: make clients
python -m contract check                  what would break a client of the last release?
python -m contract release                from now on this is the released document: make released
"""

import argparse
import json
from pathlib import Path

from contract import error_table, python_client, typescript_client
from contract.breaking_changes import breaking_changes, essence

ROOT = Path(__file__).parents[1]
CLIENTS = ROOT / "clients"
RELEASED = Path(__file__).with_name("released.json")
PYTHON = Path("python/src/eatfit24_billing/generated")
TYPESCRIPT = Path("typescript/src/generated")


def main() -> None:
    parser = argparse.ArgumentParser(prog="contract", description=__doc__)
    parser.add_argument("what", choices=["clients", "check", "release"])
    parser.add_argument("--into", type=Path, default=CLIENTS)
    asked = parser.parse_args()
    document = json.loads((ROOT / "openapi.json").read_text())
    if asked.what == "clients":
        python_client.write(document, asked.into / PYTHON)
        typescript_client.write(document, asked.into / TYPESCRIPT)
        if asked.into == CLIENTS:
            error_table.write(document, ROOT / "docs" / "frontend.md")
    elif asked.what == "release":
        RELEASED.write_text(json.dumps(essence(document), indent=1, sort_keys=True) + "\n")
    elif broken := breaking_changes(json.loads(RELEASED.read_text()), document):
        raise SystemExit("This would break clients of the last release:\n  " + "\n  ".join(broken))


if __name__ == "__main__":
    main()
