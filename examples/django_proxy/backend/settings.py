"""What a backend needs to stand before the billing service; everything about it comes from the environment."""

import os
from pathlib import Path

DATA = Path(os.environ.get("BACKEND_DATA", Path(__file__).parents[1]))

SECRET_KEY = os.environ["SECRET_KEY"]
ALLOWED_HOSTS = os.environ.get("ALLOWED_HOSTS", "localhost,127.0.0.1").split(",")
INSTALLED_APPS = ["billing"]
MIDDLEWARE = ["django.middleware.security.SecurityMiddleware", "django.middleware.common.CommonMiddleware"]
ROOT_URLCONF = "backend.urls"
ASGI_APPLICATION = "backend.asgi.application"
# A proxied path is the service's: it answers with and without the last slash by itself.
APPEND_SLASH = False
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": DATA / "backend.sqlite3",
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": 10},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Remembers deliveries of events: with several processes this must be a shared one, such as Redis.
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
USE_TZ = True
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "INFO"},
}

# The bot whose Mini App the frontend is.
TELEGRAM_BOT_TOKEN = os.environ["TELEGRAM_BOT_TOKEN"]

BILLING_URL = os.environ["BILLING_URL"]
# Scopes: user, usage.
BILLING_TOKEN = os.environ["BILLING_TOKEN"]
# One or two, as in EVENTS_SECRETS of the service.
BILLING_EVENTS_SECRETS = os.environ["BILLING_EVENTS_SECRETS"].split(",")
# BILLING_TIMEZONE of the service.
BILLING_TIMEZONE = os.environ.get("BILLING_TIMEZONE", "Europe/Moscow")
# Shared by all processes of this host.
BILLING_JOURNAL = DATA / "billing-journal.sqlite3"
