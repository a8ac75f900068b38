"""Owns: that a user becomes another number, or two become one.

Does not own: what moves.
Calls down to: audit, events, subscriptions.
"""
