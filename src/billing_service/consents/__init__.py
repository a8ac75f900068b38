"""Owns: what users agreed to: to be charged for a plan, its price and its period, again and again.

Does not own: what is kept or charged because of it.
Calls down to: plans, subscriptions.
"""
