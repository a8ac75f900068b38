"""Owns: reading what a shop asks for, and refusing it in the provider's words. Calls down to: model."""
