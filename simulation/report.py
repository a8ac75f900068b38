"""What was really run: one line of a file in the repository for each part of a run, and what they add up to."""

import json
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

from simulation.history import History

ROOT = Path(__file__).parents[1]
RUNS = Path(__file__).parent / "runs.jsonl"
README = ROOT / "README.md"
BEGIN, END = "<!-- simulation: written by `python -m simulation figures` -->", "<!-- /simulation -->"
FAULT = "fault: "


@dataclass
class Part:
    """Some seeds that were run with one state of the code. `happened`: how often what, faults included."""

    commit: str
    days: int
    users: int
    seeds: list[int] = field(default_factory=list)
    seconds: float = 0.0
    purchases: int = 0
    renewals: int = 0
    refunds: int = 0
    paid: Decimal = Decimal(0)
    returned: Decimal = Decimal(0)
    happened: Counter[str] = field(default_factory=Counter)

    def add(self, history: History) -> None:
        """Only one in which nothing happened that must not: the others are to be mended, not counted."""
        if history.findings:
            return
        self.seeds.append(history.seed)
        self.seconds += history.seconds
        self.happened.update(history.happened)
        if history.figures is not None:
            self.purchases += history.figures.purchases
            self.renewals += history.figures.renewals
            self.refunds += history.figures.refunds
            self.paid += history.figures.paid
            self.returned += history.figures.returned

    def goes_on(self, before: "Part") -> bool:
        """Whether `before` is the beginning of this very run."""
        known = len(before.seeds)
        same = (before.commit, before.days, before.users) == (self.commit, self.days, self.users)
        return same and known > 0 and before.seeds == self.seeds[:known]

    def __add__(self, other: Self) -> "Part":
        """What both come to together."""
        return Part(
            commit=self.commit,
            days=self.days,
            users=self.users,
            seeds=self.seeds + other.seeds,
            seconds=self.seconds + other.seconds,
            purchases=self.purchases + other.purchases,
            renewals=self.renewals + other.renewals,
            refunds=self.refunds + other.refunds,
            paid=self.paid + other.paid,
            returned=self.returned + other.returned,
            happened=self.happened + other.happened,
        )

    def as_line(self) -> str:
        facts = vars(self) | {
            "seeds": ranges(self.seeds),
            "seconds": round(self.seconds),
            "paid": str(self.paid),
            "returned": str(self.returned),
            "happened": dict(sorted(self.happened.items())),
        }
        return json.dumps(facts, ensure_ascii=False)

    @classmethod
    def of_line(cls, line: str) -> Self:
        facts: dict[str, Any] = json.loads(line)
        facts |= {
            "seeds": seeds_of(facts["seeds"]),
            "paid": Decimal(facts["paid"]),
            "returned": Decimal(facts["returned"]),
            "happened": Counter(facts["happened"]),
        }
        return cls(**facts)


def ranges(seeds: Iterable[int]) -> str:
    """`1-3,7`, as `seeds_of` reads it."""
    parts: list[list[int]] = []
    for seed in sorted(seeds):
        if parts and seed == parts[-1][1] + 1:
            parts[-1][1] = seed
        else:
            parts.append([seed, seed])
    return ",".join(f"{first}-{last}" if first != last else f"{first}" for first, last in parts)


def seeds_of(text: str) -> list[int]:
    """Raises ValueError."""
    found: list[int] = []
    for part in text.split(","):
        first, _, last = part.partition("-")
        found += range(int(first), int(last or first) + 1)
    return found


def recorded() -> Sequence[Part]:
    return [Part.of_line(line) for line in RUNS.read_text().splitlines()] if RUNS.exists() else []


def record(part: Part, runs: Path = RUNS) -> None:
    """Add it, in place of what was recorded of it while it was shorter: after each seed, so that no end loses any."""
    lines = runs.read_text().splitlines() if runs.exists() else []
    if lines and part.goes_on(Part.of_line(lines[-1])):
        lines.pop()
    whole = runs.with_suffix(".new")
    whole.write_text("".join(f"{line}\n" for line in [*lines, part.as_line()]))
    whole.replace(runs)


def commit_of(root: Path = ROOT) -> str:
    """What is checked out, with a `+` if something differs from it; `unknown` where there is no git."""
    try:
        head = _git(root, "rev-parse", "--short=12", "HEAD")
        changed = _git(root, "status", "--porcelain", "--", "src", "migrations", "simulation/*.py")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return head + "+" * bool(changed)


def _git(root: Path, *words: str) -> str:
    ran = subprocess.run(["git", *words], cwd=root, check=True, capture_output=True, text=True)  # noqa: S603, S607 (our own words)
    return ran.stdout.strip()


def never_fired(happened: Mapping[str, int]) -> list[str]:
    return [
        what.removeprefix(FAULT)
        for what, count in sorted(happened.items())
        if what.startswith(FAULT) and not count
    ]


def sentence(parts: Sequence[Part]) -> str:
    """For the README, in Markdown: nothing but what the file says."""
    if not parts:
        return "No run is recorded yet."
    whole = sum(parts[1:], parts[0])
    faults = {what: count for what, count in whole.happened.items() if what.startswith(FAULT)}
    kills = sum(count for what, count in faults.items() if what.endswith(" killed"))
    by_kind = ", ".join(f"{what.removeprefix(FAULT)} {count:,}" for what, count in sorted(faults.items()))
    days = sum(len(part.seeds) * part.days * part.users for part in parts)
    charges = whole.happened["charges"]
    return (
        f"Really run: **{len(whole.seeds):,} seeds** ({days:,} days of a user), {whole.purchases:,} purchases, "
        f"{charges:,} charges of saved cards of which {whole.renewals:,} renewed, {whole.refunds:,} refunds, "
        f"{whole.paid:,} ₽ in and {whole.returned:,} ₽ back, equal on both sides to the kopeck; "
        f"{kills:,} kills and {sum(faults.values()) - kills:,} other faults. By kind: {by_kind}."
    )


def with_figures(readme: str, parts: Sequence[Part]) -> str:
    """The README with its paragraph as the file says. Raises ValueError without the marks."""
    before, rest = readme.split(BEGIN, 1) if BEGIN in readme else _unmarked()
    _, after = rest.split(END, 1)
    return f"{before}{BEGIN}\n{sentence(parts)}\n{END}{after}"


def _unmarked() -> tuple[str, str]:
    raise ValueError(f"the README has no {BEGIN}")
