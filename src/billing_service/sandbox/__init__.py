"""Owns: a YooKassa that runs offline, with a clock one can turn and faults one can order: objects, answers,
notifications, pages.

Does not own: anything of the billing service, which it knows nothing of.
Calls down to: nothing.
"""
