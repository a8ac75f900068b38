"""Owns: which alarms stand about what. Does not own: their kinds, nor what to do. Calls down to: observability, kit."""
