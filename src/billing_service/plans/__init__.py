"""Owns: what is sold, for how much and how long, and who changed it.

Does not own: who bought it.
Calls down to: audit.
"""
