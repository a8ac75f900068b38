"""Owns: looking at everything from outside: health, doctor, invariants, the daily audit.

Does not own: mending.
Calls down to: alarms, charging, daily_audits, events, heartbeats, payment_methods, payments, provider_calls,
receipts, refunds, schema, subscriptions, usage, webhooks, wording, yookassa.
"""
