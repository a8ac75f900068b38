"""Owns: whether a subscription goes on by itself: the user's wish, and what he is shown of it.

Does not own: who has access. Calls down to: payment_methods, consents, subscriptions, web, kit.
"""
