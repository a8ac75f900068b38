"""The clock one can turn: real time by default; frozen, advanced or set on demand."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import BaseModel, PlainSerializer


def to_milliseconds(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def written(moment: datetime) -> str:
    """The provider's spelling: UTC, milliseconds, `Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


# Ten years, in seconds: nobody waits longer in one go.
LONGEST_WAIT = 10 * 366 * 86_400
Moment = Annotated[datetime, PlainSerializer(written, when_used="json")]


def real_time() -> datetime:
    return datetime.now(UTC)


class Dial(BaseModel):
    """How far the clock was turned; part of what a restart must not forget."""

    shift_seconds: float = 0
    frozen_at: Moment | None = None


class Clock:
    """Tells the sandbox's time, in whole milliseconds of UTC. `real` is where unshifted time comes from."""

    def __init__(self, dial: Dial, real: Callable[[], datetime] = real_time) -> None:
        self.dial = dial
        self._real = real

    def now(self) -> datetime:
        if self.dial.frozen_at is not None:
            return self.dial.frozen_at
        return to_milliseconds(self._real() + timedelta(seconds=self.dial.shift_seconds))

    @property
    def frozen(self) -> bool:
        return self.dial.frozen_at is not None

    def turn_to(self, moment: datetime) -> None:
        """Show this time from now on; a running clock goes on from there, a frozen one stays there."""
        if self.dial.frozen_at is not None:
            self.dial.frozen_at = to_milliseconds(moment)
        else:
            self.dial.shift_seconds = (moment - self._real()).total_seconds()

    def freeze(self) -> None:
        self.dial.frozen_at = self.now()

    def unfreeze(self) -> None:
        moment = self.now()
        self.dial.frozen_at = None
        self.turn_to(moment)
