"""Owns: everything that goes to YooKassa and must not be lost: intent, claim, one call, settlement, asking again.

Does not own: what a payment or a refund means; each is a `Kind`, a table of what differs.
Calls down to: alarms, yookassa.
"""
