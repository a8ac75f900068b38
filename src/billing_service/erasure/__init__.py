"""Owns: that a user has his data erased (152-FZ, article 21): what says who he is goes.

Does not own: his money, days and refusals, which stay under his number.
Calls down to: audit, payment_methods, receipts, subscriptions, user_moves.
"""
