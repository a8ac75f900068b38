"""Owns: who did what by hand, and why.

Does not own: the deed.
Calls down to: nothing.
"""
