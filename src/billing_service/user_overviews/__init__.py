"""Owns: one user on one screen, in words. Does not own: a fact. Calls down to: admin (its words), timeline, grants."""
