"""Owns: who may use the panel, in which role, and their sessions; that an act of theirs is done once.

Does not own: what they see and do there.
Calls down to: audit.
"""
