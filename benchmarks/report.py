"""Figures of many runs: their medians, the ratios of those, a table for people and JSON for programs."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

from benchmarks.load import Figures

HEADINGS = (
    "",
    "empty/s",
    "bare/s",
    "ours/s",
    "ours/bare",
    "ours/empty",
    "p50 bare",
    "ours",
    "p99 bare",
    "ours",
)


@dataclass(frozen=True)
class Row:
    """Every run of a scenario, in the order they were made."""

    name: str
    empty: list[Figures]
    bare: list[Figures]
    ours: list[Figures]
    before: list[Figures] = field(default_factory=list)


@dataclass(frozen=True)
class Settled:
    """Payments that one worker asked about and settled, a second, in each run."""

    ours: list[float]
    before: list[float] = field(default_factory=list)

    def sentence(self) -> str:
        beside = (
            f", {median(self.ours) / median(self.before):.2f} times those of before" if self.before else ""
        )
        return f"one worker asks about and settles {median(self.ours):.0f} notified payments a second{beside}"


@dataclass(frozen=True)
class Poured:
    """Notifications that came at a steady rate: how many a second were taken in, and, in order, after how many seconds
    each was settled, counted from when it was taken in."""

    workers: int
    rate: int
    taken_in: float
    delays: Sequence[float]

    @property
    def within_a_second(self) -> float:
        return sum(delay <= 1 for delay in self.delays) / len(self.delays)

    def sentence(self) -> str:
        middle, late = (self.delays[int(len(self.delays) * part)] for part in (0.5, 0.99))
        return (
            f"{self.workers} worker(s), {self.rate} notifications a second ({self.taken_in:.0f} taken in): "
            f"{self.within_a_second:.1%} settled within a second, the middle one after {middle:.2f} s, p99 {late:.2f} s"
        )


@dataclass(frozen=True)
class Renewed:
    """Renewals that fell due at one instant: when each was settled, from the first charge on, and how long it took from
    the charge to its settlement; both in seconds, sorted."""

    in_flight: int
    settled_at: Sequence[float]
    delays: Sequence[float]

    def sentence(self) -> str:
        number = len(self.delays)
        first, last = (self.settled_at[int(number * part)] for part in (0.1, 0.9))
        middle, late = (self.delays[int(number * part)] for part in (0.5, 0.99))
        within = sum(delay <= 1 for delay in self.delays) / number
        return (
            f"{number} renewals due at once, {self.in_flight} in flight: {number * 0.8 / (last - first):.0f} a second, "
            f"all settled {self.settled_at[-1]:.1f} s after the first charge; {within:.1%} within a second of their "
            f"charge, the middle one after {middle:.2f} s, p99 {late:.2f} s"
        )


@dataclass(frozen=True)
class Fairness:
    """One user alone, the same user beside a crowd that hammers one row, and that crowd."""

    alone: list[Figures]
    beside: list[Figures]
    crowd: list[Figures]


def middle(runs: list[Figures]) -> Figures:
    """The median of each figure."""
    columns = zip(*(asdict(run).values() for run in runs), strict=True)
    return Figures(*(round(median(column), 3) for column in columns))


def ratio(ours: list[Figures], theirs: list[Figures]) -> float:
    """Of the median rates."""
    return round(middle(ours).requests_per_second / middle(theirs).requests_per_second, 3)


def table(rows: list[Row]) -> str:
    """Requests a second, ratios of medians, milliseconds."""
    headings = (*HEADINGS, "ours/before") if any(row.before for row in rows) else HEADINGS
    lines = [headings, *(_cells(row) for row in rows)]
    return "\n".join("".join([f"{name:<18}", *(f"{cell:>12}" for cell in cells)]) for name, *cells in lines)


def _cells(row: Row) -> tuple[str, ...]:
    empty, bare, ours = middle(row.empty), middle(row.bare), middle(row.ours)
    rates = (f"{one.requests_per_second:.0f}" for one in (empty, bare, ours))
    ratios = (f"{ratio(row.ours, other):.2f}" for other in (row.bare, row.empty))
    delays = (f"{delay:.1f}" for delay in (bare.p50_ms, ours.p50_ms, bare.p99_ms, ours.p99_ms))
    beside = (f"{ratio(row.ours, row.before):.2f}",) if row.before else ()
    return (row.name, *rates, *ratios, *delays, *beside)


def denied_to_allowed(rows: list[Row]) -> float | None:
    """How fast a refusal is beside an admission; None unless both were measured."""
    runs = {row.name: row.ours for row in rows}
    if {"consume", "consume, denied"} <= runs.keys():
        return ratio(runs["consume, denied"], runs["consume"])
    return None


def growth(fairness: Fairness) -> float:
    """How many times its value alone a user's p99 is beside the crowd."""
    return round(middle(fairness.beside).p99_ms / middle(fairness.alone).p99_ms, 2)


def sentence(fairness: Fairness) -> str:
    alone, beside, crowd = (middle(runs) for runs in (fairness.alone, fairness.beside, fairness.crowd))
    return (
        f"a user's p99 while 200 connections hammer another one's row ({crowd.requests_per_second:.0f}/s): "
        f"{beside.p99_ms:.1f} ms, {growth(fairness):.1f} times the {alone.p99_ms:.1f} ms it takes alone"
    )


def as_json(rows: list[Row], fairness: Fairness, settled: Settled, **conditions: object) -> dict[str, Any]:
    """Medians, ratios and every single run."""
    return {
        "conditions": conditions,
        "scenarios": {
            row.name: {
                "ours_to_bare": ratio(row.ours, row.bare),
                "ours_to_empty": ratio(row.ours, row.empty),
                "empty": _runs(row.empty),
                "bare": _runs(row.bare),
                "ours": _runs(row.ours),
                **_beside(row),
            }
            for row in rows
        },
        "denied_to_allowed": denied_to_allowed(rows),
        "settled_per_second": asdict(settled),
        "fairness": _fairness(fairness) if fairness.alone else None,
    }


def _fairness(fairness: Fairness) -> dict[str, Any]:
    runs = {name: _runs(getattr(fairness, name)) for name in ("alone", "beside", "crowd")}
    return {"p99_growth": growth(fairness), **runs}


def _beside(row: Row) -> dict[str, Any]:
    return {"ours_to_before": ratio(row.ours, row.before), "before": _runs(row.before)} if row.before else {}


def _runs(runs: list[Figures]) -> dict[str, Any]:
    return {"median": asdict(middle(runs)), "runs": [asdict(run) for run in runs]}
