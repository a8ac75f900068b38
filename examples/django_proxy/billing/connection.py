"""The billing service, connected to once for an event loop: a connection of another loop cannot be used."""

import asyncio
from weakref import WeakKeyDictionary

import httpx2 as httpx
from django.conf import settings

from eatfit24_billing import Billing, Guards, Journal

_guards: WeakKeyDictionary[asyncio.AbstractEventLoop, Guards] = WeakKeyDictionary()
_http: WeakKeyDictionary[asyncio.AbstractEventLoop, httpx.AsyncClient] = WeakKeyDictionary()


def guards() -> Guards:
    loop = asyncio.get_running_loop()
    if loop not in _guards:
        billing = Billing(settings.BILLING_URL, settings.BILLING_TOKEN)
        journal = Journal(settings.BILLING_JOURNAL, timezone=settings.BILLING_TIMEZONE)
        _guards[loop] = Guards(billing, journal)
    return _guards[loop]


def http() -> httpx.AsyncClient:
    """For the proxy, which passes bytes on and reads none of them."""
    loop = asyncio.get_running_loop()
    if loop not in _http:
        token = {"Authorization": f"Bearer {settings.BILLING_TOKEN}"}
        # The service answers create-payment within 10 s, whatever YooKassa does.
        _http[loop] = httpx.AsyncClient(base_url=settings.BILLING_URL, headers=token, timeout=15)
    return _http[loop]
