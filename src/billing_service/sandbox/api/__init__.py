"""Owns: the API under /v3: who calls, what, whether it was asked before. Calls down to: money."""
