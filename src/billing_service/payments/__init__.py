"""Owns: money coming in.

Does not own: access, notifications.
Calls down to: alarms, charging, consents, events, npd, outlooks, payment_methods, plans, provider_calls, receipts,
refunds, subscriptions, yookassa.
"""
