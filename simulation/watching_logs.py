"""What the service itself logs as an error: a crash that somebody would have to look at is a finding."""

import logging
from collections.abc import MutableMapping
from typing import Any

import structlog

from simulation.scheduler import RUNNING_IN
from simulation.witness import Witness

# Alarms are raised on purpose, for what people and the provider do here.
ALARM = "alarm.raised"
_watching: list[Witness] = []


def watch_logs() -> None:
    """Nothing is written; errors go to whoever watches."""
    structlog.configure(
        processors=[_judge], wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR)
    )


def tell(witness: Witness) -> None:
    """From now on this one is told."""
    _watching[:] = [witness]


def _judge(_logger: object, _level: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    process = RUNNING_IN.get()
    if _watching and not (process is not None and process.is_dead):
        if event["event"] == ALARM:
            _watching[0].note(f"alarm: {event.get('kind')}")
        else:
            _watching[0].find(f"the service logged {event['event']}: {event.get('exc_info')!r}")
    raise structlog.DropEvent
