"""Owns: whether saved methods may be charged at all, who stopped it, what a decline means, when it is tried again.

Does not own: charges.
Calls down to: audit.
"""
