"""Owns: what is sold, for how much and how long. Does not own: who bought it. Calls down to: audit."""
