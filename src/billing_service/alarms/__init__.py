"""Owns: which alarms stand about what, and that the owner is told.

Does not own: their kinds.
Calls down to: events.
"""
