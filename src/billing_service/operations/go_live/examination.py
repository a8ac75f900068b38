"""All that must be so before the first payer comes, in the order in which it is put right."""

from collections.abc import AsyncIterator

from billing_service.operations.doctor import examine
from billing_service.operations.findings import Finding
from billing_service.operations.go_live import database, outside, settings
from billing_service.services import Services


async def examine_for_sale(services: Services) -> AsyncIterator[Finding]:
    """What `examine` looks at, and what only a selling installation needs.

    Sends the receiver of events one that says nothing (`installation.checked`), and the same with a wrong signature;
    changes nothing here. What cannot be reached is a finding, not an error; safe at any time.
    """
    for finding in settings.findings(services.settings):
        yield finding
    async for finding in examine(services):
        yield finding
    async for finding in database.findings(services):
        yield finding
    async for finding in outside.findings(services):
        yield finding
