"""Somebody may come into the panel of `billing-service dev`: with a password that everybody knows, and that is taken
nowhere else."""

from contextlib import suppress

from billing_service.audit.service import Deed
from billing_service.config import DEV_PANEL_ACCOUNT, DEV_PANEL_PASSWORD, Settings
from billing_service.kit.callers import CLI
from billing_service.services import open_services
from billing_service.staff import service as staff
from billing_service.staff.roles import Role
from billing_service.staff.service import NameRefused


async def let_in(settings: Settings) -> None:
    """An owner's account, where the shop is the sandbox's; one that is there stays as it is."""
    if not (settings.admin_enabled and settings.shop_is_sandbox):
        return
    deed = Deed(CLI, "billing-service dev", "so that the panel can be tried", "")
    async with open_services(settings) as services:
        with suppress(NameRefused):
            await staff.add(services, DEV_PANEL_ACCOUNT, Role.OWNER, DEV_PANEL_PASSWORD, deed)
