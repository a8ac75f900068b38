"""Owns: talking to YooKassa (requests, answers, what a failure means) and telling its addresses from others.

Does not own: what a payment means to us, when to ask again later, any table.
Calls down to: nothing.
"""
