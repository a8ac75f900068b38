"""Failures are in `eatfit24_billing.errors`, and of each code in `codes`."""
