"""What is left of somebody who has had everything erased that says who he is."""

from collections.abc import Collection, Iterator

from simulation.control import Control

TABLES = """
    SELECT relname AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname
"""
CHARGEABLE = """
    SELECT 'a payment method' AS what FROM payment_methods WHERE user_id = ANY ($1::bigint[]) AND status = 'ACTIVE'
    UNION ALL SELECT 'an auto-renewal' FROM subscriptions WHERE user_id = ANY ($1::bigint[]) AND auto_renew
"""


def traces(control: Control, mark: str) -> Iterator[str]:
    """The tables in any of whose rows this still stands."""
    names = [row["name"] for row in control.fetch(TABLES)]
    asked = " UNION ALL ".join(
        f"(SELECT '{name}' AS name FROM {name} one WHERE one::text LIKE '%' || $1 || '%' LIMIT 1)"  # noqa: S608 (our own tables)
        for name in names
    )
    for row in control.fetch(asked, mark):
        yield row["name"]


def chargeable(control: Control, numbers: Collection[int]) -> Iterator[str]:
    """What could still be charged under any of these numbers."""
    for row in control.fetch(CHARGEABLE, list(numbers)):
        yield row["what"]
