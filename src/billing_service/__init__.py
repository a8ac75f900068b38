"""Subscription billing on YooKassa: plans, payments, access periods and exact daily limits."""

from importlib.metadata import version

__version__ = version("billing-service")
