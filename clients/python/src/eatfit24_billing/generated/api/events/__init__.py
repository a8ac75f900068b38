from .list_events import list_events
from .replay_event import replay_event

__all__ = [
    "list_events",
    "replay_event",
]
