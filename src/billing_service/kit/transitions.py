"""A state machine is data: {(state, event): next state}."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

State = TypeVar("State", bound=StrEnum)
Event = TypeVar("Event", bound=StrEnum)


class ImpossibleMove(Exception):
    """The table has no such move: somebody reports what must never happen."""


def next_state(table: Mapping[tuple[State, Event], State], state: State, event: Event) -> State:
    """Where `event` leads from `state`; the same state again means "already there". Raises `ImpossibleMove`."""
    try:
        return table[state, event]
    except KeyError:
        raise ImpossibleMove(f"{state} cannot take {event}") from None
