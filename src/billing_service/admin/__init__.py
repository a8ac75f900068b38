"""Owns: the panel: what the owner, finance and support see, and the forms by which they act.

Does not own: any rule, nor who may come in.
Calls down to: alarms, audit, charging, erasure, grant_batches, grants, operations, outlooks, payment_methods, plans,
receipts, refund_requests, refunds, renewals, resolutions, staff, stats, timeline, user_moves, user_overviews,
user_states, webhooks, wording, yookassa.
"""
