"""Owns: that a subscription goes on by itself: the wish, the notice, the charge.

Does not own: when it is charged and why not, nor who has access.
Calls down to: alarms, charging, consents, events, outlooks, payment_methods, payments, provider_calls, receipts,
subscriptions, yookassa.
"""
