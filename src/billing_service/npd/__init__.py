"""Owns: which income and returns a self-employed person has registered with the tax office.

Does not own: payments and refunds, whose succeeded rows are the register.
Calls down to: alarms, audit.
"""
