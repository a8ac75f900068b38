"""Owns: which income and returns a self-employed person has registered with the tax office. Not: payments, refunds,
whose succeeded rows are the register. Calls down to: audit, alarms."""
