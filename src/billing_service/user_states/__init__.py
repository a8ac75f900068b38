"""Owns: how users stand, told whole, one or many. Does not own: any rule. Calls down to: renewals, usage, consents."""
