"""Owns: which rooms a process that runs for long loads: its own, and none of those of the other commands.

Does not own: what it does.
Calls down to: app, operations, receipts, schema, worker.
"""
