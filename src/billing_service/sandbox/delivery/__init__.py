"""Owns: telling the shop, and answers that get lost. Calls down to: model."""
