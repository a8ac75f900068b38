"""Lists: newest first, filtered, a page at a time with an opaque cursor; three years back at most."""

import base64
import binascii
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from operator import ge, gt, le, lt
from typing import Any

from pydantic import BaseModel

from billing_service.sandbox.model.objects import wire
from billing_service.sandbox.model.provider import Yookassa
from billing_service.sandbox.requests.fields import illegal

MEMORY = timedelta(days=3 * 365)
_COMPARISONS: dict[str, Callable[[datetime, datetime], bool]] = {"gte": ge, "gt": gt, "lte": le, "lt": lt}
Query = dict[str, str]


@dataclass(frozen=True)
class Filters:
    """What this list can be asked: times by comparison, words by equality with their closed lists.

    `shown` is the object of a record, with an id; `created_at` is among the times.
    """

    shown: Callable[[Any], BaseModel]
    times: Mapping[str, Callable[[Any], datetime | None]]
    words: Mapping[str, tuple[Callable[[Any], str | None], frozenset[str] | None]]


def page(yookassa: Yookassa, records: Iterable[Any], query: Query, filters: Filters) -> dict[str, Any]:
    """One page of what fits; `next_cursor` is absent on the last. Refuses bad filters and cursors."""
    limit, start = _limit(query), _cursor(query)
    conditions = list(_conditions(query, filters))
    created = filters.times["created_at"]
    oldest = yookassa.now - MEMORY
    fitting = [
        filters.shown(record)
        for record in reversed(list(records))
        if (created(record) or oldest) >= oldest and all(fits(record) for fits in conditions)
    ]
    rest = _after(fitting, start)
    answer: dict[str, Any] = {"type": "list", "items": [wire(each) for each in rest[:limit]]}
    if len(rest) > limit:
        answer["next_cursor"] = _written(answer["items"][-1]["id"])
    return answer


def _limit(query: Query) -> int:
    written = query.get("limit", "10")
    if not (written.isascii() and written.isdigit() and 1 <= int(written) <= 100):
        raise illegal("limit")
    return int(written)


def _conditions(query: Query, filters: Filters) -> Iterable[Callable[[Any], bool]]:
    for name, written in query.items():
        field, _, comparison = name.partition(".")
        if field in filters.times:
            yield _time_condition(filters.times[field], comparison, written, name)
        elif name in filters.words:
            pick, allowed = filters.words[name]
            if allowed is not None and written not in allowed:
                raise illegal(name)
            yield _word_condition(pick, written)


def _time_condition(
    pick: Callable[[Any], datetime | None], comparison: str, written: str, name: str
) -> Callable[[Any], bool]:
    if comparison not in _COMPARISONS:
        raise illegal(name)
    compare, border = _COMPARISONS[comparison], _moment(written, name)

    def fits(record: object) -> bool:
        at = pick(record)
        return at is not None and compare(at, border)

    return fits


def _word_condition(pick: Callable[[Any], str | None], written: str) -> Callable[[Any], bool]:
    return lambda record: pick(record) == written


def _moment(written: str, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(written.replace(" ", "+"))
    except ValueError as error:
        raise illegal(name) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _written(last_id: str) -> str:
    return base64.urlsafe_b64encode(f"after:{last_id}".encode()).decode()


def _cursor(query: Query) -> str | None:
    """The id after which the page begins; None for the first page."""
    written = query.get("cursor")
    if written is None:
        return None
    try:
        decoded = base64.urlsafe_b64decode(written.encode()).decode()
    except (binascii.Error, ValueError) as error:
        raise illegal("cursor") from error
    if not decoded.startswith("after:"):
        raise illegal("cursor")
    return decoded.removeprefix("after:")


def _after(things: list[Any], last_id: str | None) -> list[Any]:
    if last_id is None:
        return things
    for position, thing in enumerate(things):
        if thing.id == last_id:
            return things[position + 1 :]
    raise illegal("cursor")
