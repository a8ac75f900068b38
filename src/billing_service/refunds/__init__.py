"""Owns: money going back, and what that does to access.

Does not own: the payment, which asks here what went back.
Calls down to: alarms, audit, provider_calls, receipts, subscriptions, yookassa.
"""
