"""Owns: every setting, read once from the environment and `.env`, and refused at start when unsafe.

Does not own: what follows from one.
Calls down to: nothing.
"""

from billing_service.config.loading import SomeSettings, UnsafeSettings, load, load_database
from billing_service.config.settings import (
    DEV_DIGEST_KEY,
    DEV_ENCRYPTION_KEY,
    DEV_EVENTS_SECRET,
    DEV_PANEL_ACCOUNT,
    DEV_PANEL_PASSWORD,
    DEV_TOKEN,
    SANDBOX_API_KEY,
    SANDBOX_SHOP_ID,
    SCOPES,
    YOOKASSA_NETWORKS,
    DatabaseSettings,
    Settings,
)

__all__ = [
    "DEV_DIGEST_KEY",
    "DEV_ENCRYPTION_KEY",
    "DEV_EVENTS_SECRET",
    "DEV_PANEL_ACCOUNT",
    "DEV_PANEL_PASSWORD",
    "DEV_TOKEN",
    "SANDBOX_API_KEY",
    "SANDBOX_SHOP_ID",
    "SCOPES",
    "YOOKASSA_NETWORKS",
    "DatabaseSettings",
    "Settings",
    "SomeSettings",
    "UnsafeSettings",
    "load",
    "load_database",
]
