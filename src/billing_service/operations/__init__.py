"""Owns: looking at everything from outside: health, doctor, invariants. Does not own: mending. Calls down to: all."""
