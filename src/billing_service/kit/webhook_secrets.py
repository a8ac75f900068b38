"""Secrets of the Standard Webhooks scheme.

https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
"""

import binascii
from base64 import b64decode

PREFIX = "whsec_"


def is_usable(secret: str) -> bool:
    """Whether every library reads the same key out of it: `whsec_` and 24 to 64 bytes in standard base64.

    (The scheme's Python library drops in silence what is no base64, the one for Node an odd last letter.)
    """
    try:
        key = b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error:
        return False
    return secret.startswith(PREFIX) and 24 <= len(key) <= 64
