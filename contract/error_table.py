"""The error codes in docs/frontend.md, written from the classes of the service."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from billing_service.kit.errors import BillingError
from billing_service.web.errors import FAILURES
from contract.document import Json, operations

BEGIN, END = "<!-- written by `make clients` -->\n", "<!-- until here -->\n"
HEAD = "| status | code | `message` | show | again? |\n|---|---|---|---|---|\n"
APP = "/api/v1/billing/"


def write(document: Json, page: Path) -> None:
    """Between its two marks, in place of what is there."""
    page.write_text(with_table(document, page.read_text()))


def with_table(document: Json, page: str) -> str:
    before, _, rest = page.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise SystemExit(f"the page has no {END.strip()}")
    in_the_app = set(_announced(document))
    facts: list[type[BillingError]] = [BillingError, *FAILURES]
    seen = [fact for fact in facts if (fact.code, fact.message) in in_the_app or fact is BillingError]
    others = [fact for fact in facts if fact not in seen]
    tables = f"{HEAD}{_rows(seen)}\nOnly a backend, or YooKassa, meets these:\n\n{HEAD}{_rows(others)}"
    return f"{before}{BEGIN}{tables}{END}{after}"


def _announced(document: Json) -> Iterator[tuple[str, str]]:
    """Code and message of each failure that a browser can meet through the main backend."""
    for path, _, operation in operations(document):
        if path.startswith(APP):
            for answer in operation["responses"].values():
                for example in answer["content"]["application/json"].get("examples", {}).values():
                    error = example["value"].get("error", {})
                    yield error.get("code", ""), error.get("message", "")


def _rows(facts: Iterable[type[BillingError]]) -> str:
    rows = {
        f"| {fact.status} | `{fact.code}` | {fact.message} | {fact.show} | {fact.again} |\n" for fact in facts
    }
    return "".join(sorted(rows))
