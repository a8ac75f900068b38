"""Owns: whether a shop must send receipts (54-FZ), where they go, what stands in them, whether they were registered.

Does not own: payments and refunds, whose requests carry them.
Calls down to: alarms, events, provider_calls, subscriptions, yookassa.
"""
