"""Where the payer may be sent back to: only to hosts of ours, so that nobody can make our page a springboard."""

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

# Visible ASCII without backslash and quotes: browsers read "\" as "/", and Unicode has many dots.
CLEAN = re.compile(r"[!#-&(-;=?-\[\]_a-z~]{1,2048}", re.ASCII)
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?", re.ASCII)


def is_allowed(url: str, domains: Sequence[str], *, dev: bool) -> bool:
    """https on the standard port, no user info, host equal to or under one of `domains`; in dev also http://localhost."""
    if not CLEAN.fullmatch(url):
        return False
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return False
    if "@" in parts.netloc or not HOST.fullmatch(host) or ".." in host:
        return False
    if dev and parts.scheme in {"http", "https"} and host in {"localhost", "127.0.0.1"}:
        return True
    if parts.scheme != "https" or port not in {None, 443}:
        return False
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)
