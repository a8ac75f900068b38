"""Owns: what happens to payments, refunds, receipts and methods. Calls down to: delivery, requests, model."""
