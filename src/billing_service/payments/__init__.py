"""Owns: money coming in. Does not own: access, notifications. Calls down to: subscriptions, plans, yookassa."""
