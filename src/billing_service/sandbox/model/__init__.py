"""Owns: the pretend provider's objects, states, clock, faults and memory. Does not own: what happens to them."""
