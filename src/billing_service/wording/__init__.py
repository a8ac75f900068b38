"""Owns: how amounts and times are written for people who work here; what states, alarms, rules and deeds are called.

Does not own: what a user's life is told in, nor any rule.
Calls down to: charging, payment_methods, resolutions, staff, timeline.
"""
