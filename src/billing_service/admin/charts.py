"""Bars, drawn on the server: figures of some days as rectangles in a fixed box, and as a table beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

WIDTH, HEIGHT, GAP = 600, 140, 2


class Value(NamedTuple):
    """A figure of a day, and how it is written; `below` is drawn downwards, from the same line."""

    label: str
    above: Decimal | int
    above_text: str
    below: Decimal | int = 0
    below_text: str = ""


class Bar(NamedTuple):
    x: float
    y: float
    width: float
    height: float
    is_below: bool
    title: str


@dataclass(frozen=True)
class Chart:
    """`names` are what goes up and, if anything does, what goes down. `highest` is what the tallest bar stands for."""

    title: str
    names: Sequence[str]
    values: Sequence[Value]
    is_bad_news: bool = False

    @property
    def is_empty(self) -> bool:
        return not any(one.above or one.below for one in self.values)

    @property
    def highest(self) -> Value | None:
        return max(self.values, key=lambda one: one.above, default=None)

    @property
    def line(self) -> float:
        """Where zero is."""
        up, down = self._reach()
        return round(HEIGHT * up / (up + down), 1) if up + down else HEIGHT

    @property
    def bars(self) -> list[Bar]:
        up, down = self._reach()
        scale = HEIGHT / (up + down) if up + down else 0.0
        step = WIDTH / max(len(self.values), 1)
        found = []
        for place, value in enumerate(self.values):
            x, width = round(place * step + GAP / 2, 1), round(max(step - GAP, 1), 1)
            for figure, text, name in (
                (float(value.above), value.above_text, self.names[0]),
                (-float(value.below), value.below_text, self.names[-1]),
            ):
                if figure:
                    height = round(max(abs(figure) * scale, 1), 1)
                    top = self.line - height if figure > 0 else self.line
                    title = f"{value.label}: {name.lower()} {text}"
                    found.append(Bar(x, round(top, 1), width, height, figure < 0, title))
        return found

    def _reach(self) -> tuple[float, float]:
        """How far it goes up and down."""
        up = max((float(one.above) for one in self.values), default=0.0)
        down = max((max(float(one.below), -float(one.above)) for one in self.values), default=0.0)
        return max(up, 0.0), max(down, 0.0)
