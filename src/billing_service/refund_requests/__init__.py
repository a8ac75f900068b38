"""Owns: a payer's wish to have his money back, and its answer.

Does not own: the refund.
Calls down to: alarms, audit, refunds, subscriptions.
"""
