"""The control API: turning the clock, paying without a browser, ordering faults, looking behind the scenes.

Owns: everything under /_sandbox and its OpenAPI page. Never anything under /v3, which is the provider's.
"""
