"""When the day of a limit ends, in words for who reads it in Vladivostok: by whose clock."""

from datetime import datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

BY_NAME = {"Europe/Moscow": "по московскому времени"}


@lru_cache(maxsize=8)  # one a day and zone, said as often as anybody is refused
def limit_reached(resets_at: datetime, zone: ZoneInfo, *, pro_has_none: bool = True) -> str:
    """What a user reads who has used up the day. A zone without a name of its own is called by its offset."""
    there = resets_at.astimezone(zone)
    whose = BY_NAME.get(zone.key) or f"по времени UTC{_offset(there)}"
    with_pro = "; с PRO лимита нет" if pro_has_none else ""
    return f"Дневной лимит исчерпан. Он обновится в {there:%H:%M} {whose}{with_pro}."


def _offset(there: datetime) -> str:
    minutes = (there.utcoffset() or timedelta()) // timedelta(minutes=1)
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours}" + (f":{rest:02}" if rest else "")
