"""Owns: days given by hand, and taking them back.

Does not own: how periods lie.
Calls down to: audit, plans, subscriptions.
"""
