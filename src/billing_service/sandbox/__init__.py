"""A YooKassa that runs offline, with a clock one can turn and faults one can order.

Owns: the provider's objects, their states, its answers and notifications, the pages where a person pays.
Does not own: anything of the billing service; it imports nothing of it and is imported only by the ways in.
"""
