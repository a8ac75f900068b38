"""Owns: counters and traces, which everybody may write.

Does not own: what is asked of the database.
Calls down to: nothing.
"""
