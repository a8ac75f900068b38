"""Who acts without a service token. No token may bear one of these names, or its deeds would pass for theirs."""

# The service by itself, whoever sits at the command line, and the service before this one.
SYSTEM, CLI, LEGACY = "system", "cli", "legacy"
RESERVED = frozenset({SYSTEM, CLI, LEGACY})
