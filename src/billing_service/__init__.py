"""Subscription billing on YooKassa: plans, payments, access periods and exact daily limits."""
