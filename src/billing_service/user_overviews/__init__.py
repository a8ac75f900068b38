"""Owns: one user on one screen, in words.

Does not own: a fact.
Calls down to: grants, payments, timeline, wording.
"""
