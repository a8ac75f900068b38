"""Owns: what every route shares: who may call, error codes, rate limits, the OpenAPI page.

Does not own: any route.
Calls down to: yookassa.
"""
