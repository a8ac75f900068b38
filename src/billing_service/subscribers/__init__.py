"""Owns: the walk over everybody who has access.

Does not own: who has it.
Calls down to: nothing.
"""
