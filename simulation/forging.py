"""Somebody who wants it for nothing: he says in the provider's name that his payment succeeded."""

from contextlib import suppress
from random import Random

from billing_service.kit.http import httpx
from simulation.wires import ToService
from simulation.world import NOTIFY_URL, World


async def forge_success(world: World, dice: Random, provider_id: str) -> None:
    """What the provider would send, of a payment that it knows and that nobody has paid."""
    payment = world.sandbox.yookassa.state.payments[provider_id].payment
    if world.calm or payment.status != "pending":
        return
    thing = payment.model_dump(mode="json", exclude_none=True) | {"status": "succeeded", "paid": True}
    said = {"type": "notification", "event": "payment.succeeded", "object": thing}
    async with httpx.AsyncClient(transport=ToService(world, dice, is_notifier=True)) as http:
        with suppress(httpx.HTTPError):
            await http.post(NOTIFY_URL, json=said)
            world.witness.note("fault: a success is forged")
