"""What a plan would bring this user: days from now on, or behind those already paid."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from billing_service.demo.backend import Json


@dataclass(frozen=True)
class Offer:
    """`until` is how far the access reaches that is there already, once this is added; None before the first day."""

    plan: Json
    until: str | None


def offers(plans: Iterable[Json], access_until: str | None) -> Iterator[Offer]:
    """One for each plan that is sold for days. A paid day is 24 hours, and new days are laid behind the last one."""
    for plan in plans:
        if days := plan["duration_days"]:
            yield Offer(plan, _later(access_until, timedelta(days=days)) if access_until else None)


def _later(moment: str, by: timedelta) -> str:
    return (datetime.fromisoformat(moment) + by).isoformat()
