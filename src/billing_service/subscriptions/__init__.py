"""Owns: who has access and until when.

Does not own: money.
Calls down to: events, plans.
"""
