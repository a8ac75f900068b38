"""Owns: what each daily audit found.

Does not own: how a day is audited.
Calls down to: nothing.
"""
