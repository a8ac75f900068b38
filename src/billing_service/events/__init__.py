"""Owns: what the main backend is told, until it knows it.

Does not own: the facts.
Calls down to: nothing.
"""
