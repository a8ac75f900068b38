"""Owns: what has no opinion about billing.

Does not own: any rule.
Calls down to: nothing.
"""
