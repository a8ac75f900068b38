"""Owns: figures over all users and all money.

Does not own: what they count.
Calls down to: outlooks.
"""
