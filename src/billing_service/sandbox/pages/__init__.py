"""Owns: the page where a person pays, and the sandbox's own page. Calls down to: money."""
