"""`billing-service events replay`: what happened between two instants is sent once more, by the real command."""

from pathlib import Path

from billing_service.kit.db import Database
from billing_service.services import Services
from tests.command import command
from tests.events.told import publish
from tests.ledger import rows
from tests.scratch import execute

AT = """
    INSERT INTO outbox_events (kind, user_id, data, once, occurred_at)
    SELECT 'usage.limit_reached', 7, '{}', at, (at || '+03')::timestamptz
    FROM unnest(ARRAY['2026-11-26T23:59:59', '2026-11-27T00:00:00', '2026-11-27T11:59:59', '2026-11-27T12:00:00']) at
"""


async def replay(services: Services, folder: Path, *arguments: str) -> tuple[int, str]:
    """Exit code, and all that was said."""
    return await command(services, folder, "events", "replay", *arguments)


async def test_the_days_are_those_of_the_services_time_zone_and_a_repeat_doubles_nothing(
    services: Services, database: Database, tmp_path: Path
) -> None:
    await execute(services.settings.database_url, AT)
    await publish(services)
    asked = ("--from", "2026-11-27", "--to", "2026-11-27T12:00")

    code, said = await replay(services, tmp_path, *asked)
    _, again = await replay(services, tmp_path, *asked)

    waiting = await rows(
        database,
        "SELECT once FROM outbox_events e JOIN event_replays r ON r.event_id = e.id ORDER BY once",
    )
    assert (code, [one["once"] for one in waiting]) == (0, ["2026-11-27T00:00:00", "2026-11-27T11:59:59"])
    assert "2 events will be sent once more" in said
    assert "EVENTS_URL is not set here" in said
    assert "0 events" in again


async def test_a_span_that_ends_before_it_begins_is_refused(services: Services, tmp_path: Path) -> None:
    code, said = await replay(services, tmp_path, "--from", "2026-11-27", "--to", "2026-11-27")

    assert (code, said.strip()) == (1, "--to must be later than --from")
