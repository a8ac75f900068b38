"""Owns: when a subscription is charged next and why not: read, decided, changed by nothing here.

Does not own: who acts on it.
Calls down to: charging, consents, receipts.
"""
