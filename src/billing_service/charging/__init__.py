"""Owns: whether saved methods may be charged at all, and who stopped it. Not: charges. Calls down to: audit."""
