"""The SQL of the walks: how far each list of each shop was compared."""

from datetime import datetime
from typing import NamedTuple

from billing_service.kit.statement_pool import StatementPool


class Mark(NamedTuple):
    """A row of `list_walks`, and the time now."""

    list: str
    shop_id: str
    compared_until: datetime
    step_until: datetime | None
    left_until: datetime | None
    now: datetime


BEGIN = """
    INSERT INTO list_walks (list, shop_id, compared_until) SELECT $1, $2, coalesce({}, billing_now())
    WHERE NOT EXISTS (SELECT FROM list_walks WHERE list = $1 AND shop_id = $2)
    ON CONFLICT (list, shop_id) DO NOTHING
"""
GET = """
    SELECT list, shop_id, compared_until, step_until, left_until, billing_now() AS now
    FROM list_walks WHERE list = $1 AND shop_id = $2
"""


async def get_or_begin(statements: StatementPool, name: str, shop_id: str, *, begin: str) -> Mark:
    """How far a list was compared. Whoever asks first begins the walk at the instant that this SQL of ours names, $2
    being the shop; now, if it names none."""
    await statements.fetch(BEGIN.format(begin), name, shop_id)
    return Mark(**await statements.fetch_one(GET, name, shop_id))


SET_LEFT = """
    UPDATE list_walks SET step_until = $4, left_until = $5
    WHERE list = $1 AND shop_id = $2 AND compared_until = $3
"""


async def set_left(
    statements: StatementPool, mark: Mark, *, step_until: datetime, left_until: datetime
) -> None:
    """Remember how much of a step is left, unless somebody else has finished it."""
    await statements.fetch(SET_LEFT, mark.list, mark.shop_id, mark.compared_until, step_until, left_until)


MOVE = """
    UPDATE list_walks SET
        compared_until = least(greatest(compared_until, $3), billing_now()), step_until = NULL, left_until = NULL
    WHERE list = $1 AND shop_id = $2
"""


async def set_compared_until(statements: StatementPool, mark: Mark, until: datetime) -> None:
    """Of two walks that ran at once, the longer one counts; but nothing is compared that is still to come."""
    await statements.fetch(MOVE, mark.list, mark.shop_id, until)
