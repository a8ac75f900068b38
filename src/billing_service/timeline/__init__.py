"""Owns: what happened to one user, in order and in words.

Does not own: the facts.
Calls down to: outlooks, payments, resolutions, user_states.
"""
