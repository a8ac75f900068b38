"""Owns: what a person decides about money that no rule can.

Does not own: grants, refunds and alarms, which it calls.
Calls down to: alarms, audit, grants, payments, plans, provider_calls, refunds, subscriptions, webhooks, yookassa.
"""
