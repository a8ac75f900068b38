"""Owns: saved payment methods: kept with a purchase, bound without one, shown, and refused for good.

Does not own: charging them. Calls down to: consents, subscriptions (the lock), plans, provider_calls, web, kit.
"""
