"""Owns: what YooKassa tells us. Does not own: what it means for money. Calls down to: payments, yookassa."""
