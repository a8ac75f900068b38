"""Owns: how amounts and times are written for people who work here, and what states, alarms and deeds are called.

Does not own: what a user's life is told in (`timeline`), nor any rule. Calls down to: timeline, staff, kit.
"""
