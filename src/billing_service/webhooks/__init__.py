"""Owns: what YooKassa tells us.

Does not own: what it means for money.
Calls down to: audit, payment_methods, payments, provider_calls, refunds, yookassa.
"""
