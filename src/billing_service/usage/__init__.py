"""Owns: what may be used today.

Does not own: the plan that says so.
Calls down to: audit.
"""
