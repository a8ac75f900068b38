"""Owns: saved payment methods: kept with a purchase, bound without one, shown, and refused for good.

Does not own: charging them.
Calls down to: alarms, audit, consents, events, plans, provider_calls, subscriptions, yookassa.
"""
