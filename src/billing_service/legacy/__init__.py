"""Owns: the way from the tables of the service before this one into ours, its proof, and the way back.

Does not own: any rule about money or access.
Calls down to: audit, payment_methods, payments, plans, provider_calls, subscriptions, webhooks, yookassa.
"""
