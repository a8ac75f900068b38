"""Who asks? The Mini App sends what Telegram signed; nothing else of a browser is believed."""

import hashlib
import hmac
import json
import time
from urllib.parse import parse_qsl

from django.conf import settings
from django.http import HttpRequest

from billing.models import Person

DAY = 24 * 3600


async def person_of(request: HttpRequest) -> Person | None:
    """None for whoever is not signed in. The first visit makes a person."""
    telegram_id = _signed_in(request.headers.get("X-Telegram-Init-Data", ""))
    if telegram_id is None:
        return None
    person, _ = await Person.objects.aget_or_create(telegram_id=telegram_id)
    return person


def _signed_in(init_data: str) -> int | None:
    """The scheme of Telegram's Mini Apps: a digest under the bot's token, over all fields in order."""
    fields = dict(parse_qsl(init_data))
    given = fields.pop("hash", "")
    lines = "\n".join(f"{name}={fields[name]}" for name in sorted(fields))
    key = hmac.digest(b"WebAppData", settings.TELEGRAM_BOT_TOKEN.encode(), hashlib.sha256)
    expected = hmac.digest(key, lines.encode(), hashlib.sha256).hex()
    genuine = hmac.compare_digest(expected.encode(), given.encode())
    if not genuine or time.time() - int(fields["auth_date"]) > DAY:
        return None
    return int(json.loads(fields["user"])["id"])
