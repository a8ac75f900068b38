"""Owns: the same days for many users, once each.

Does not own: a single grant.
Calls down to: audit, grants, plans.
"""
