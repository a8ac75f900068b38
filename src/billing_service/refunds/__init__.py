"""Owns: money going back. Does not own: payments. Calls down to: payments."""
