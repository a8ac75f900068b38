"""Owns: how amounts and times are written for people who work here, and what states, alarms, jobs and deeds are called.

Does not own: what a user's life is told in, nor any rule.
Calls down to: payment_methods, resolutions, staff, timeline.
"""
