"""Owns: what a person decides about money that no rule can. Does not own: grants, refunds, alarms. Calls them all."""
