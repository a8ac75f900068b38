"""The report as a file: figures first, then a line for whatever differs, read from the table a page at a time."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from billing_service.kit.transaction import Transaction
from billing_service.legacy.proof import Proof

PAGE = 1000
LIST = """
    SELECT id, about, subject, kind, user_id, facts FROM legacy_differences
    WHERE import_id = $1 AND id > $2 ORDER BY id LIMIT $3
"""


async def write(tx: Transaction, proof: Proof, path: Path) -> None:
    """JSON, one object a line: the figures, then each difference. An older file is replaced once this one is whole."""
    beside = path.with_name(path.name + ".part")
    with beside.open("w") as file:
        file.write(_line({"import": proof.import_id, **proof.report}))
        after = 0
        while page := await tx.rows(LIST, proof.import_id, after, PAGE):
            for row in page:
                facts = json.loads(row["facts"])
                file.write(
                    _line({**{name: row[name] for name in ("about", "subject", "kind", "user_id")}, **facts})
                )
            after = page[-1]["id"]
    beside.replace(path)


def _line(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, default=str) + "\n"


def text_of(proof: Proof) -> Iterator[str]:
    """For who has started it."""
    for name, compared in (("paid", proof.paid), ("returned", proof.returned)):
        for plan, sums in compared.items():
            verdict = "equal" if sums.is_equal else "NOT EQUAL"
            excepted = (
                f", {sums.excepted.number} of {sums.excepted.amount} listed" if sums.excepted.number else ""
            )
            yield (
                f"{name}, {plan}: {sums.there.number} of {sums.there.amount} there{excepted}, "
                f"{sums.here.number} of {sums.here.amount} here: {verdict}"
            )
    access = proof.access
    yield f"access until: equal for {access['equal']} of {access['users']} users, {access['differing']} listed"
    for kind, number in proof.differing.items():
        yield f"listed as {kind}: {number}"
    yield (
        "the import is proved"
        if proof.is_whole
        else "THE IMPORT IS NOT PROVED: see what is not equal or unexplained"
    )
