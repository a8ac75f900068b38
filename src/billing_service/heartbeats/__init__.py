"""Owns: which workers are at work.

Does not own: what they do.
Calls down to: nothing.
"""
