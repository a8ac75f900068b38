"""The one place that names the HTTP library; elsewhere: `from billing_service.kit.http import httpx`."""

import httpx2 as httpx

__all__ = ["httpx"]
