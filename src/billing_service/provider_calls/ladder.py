"""How often an open payment is asked about, by its age: often while somebody may be paying, then less and less."""

from datetime import timedelta

# (until this age, this long until the next question). A link lives for an hour; a lost notification costs a minute.
LADDER = (
    (timedelta(minutes=10), timedelta(seconds=30)),
    (timedelta(minutes=75), timedelta(minutes=1)),
    (timedelta(hours=6), timedelta(minutes=10)),
    (timedelta(days=2), timedelta(hours=1)),
    (timedelta.max, timedelta(hours=12)),
)


def wait_before_next(age: timedelta) -> timedelta:
    """How long to wait before asking again about a payment of this age."""
    return next(wait for until, wait in LADDER if age < until)
