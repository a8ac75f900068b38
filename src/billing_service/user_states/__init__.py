"""Owns: how users stand, told whole, one or many.

Does not own: any rule.
Calls down to: outlooks, payment_methods, payments, plans, usage.
"""
