"""A caller that is killed inside its guard: `caller.py URL TOKEN USER`."""

import asyncio
import sys

from eatfit24_billing import Billing, Guards


async def main(url: str, token: str, user: str) -> None:
    async with Billing(url, token) as billing, Guards(billing).guard(int(user), ttl_seconds=1):
        print("held", flush=True)  # noqa: T201 (it is waited for)
        await asyncio.sleep(60)


asyncio.run(main(*sys.argv[1:]))
