"""Owns: what each daily audit found. Does not own: how a day is audited (`operations`). Calls down to: nothing."""
