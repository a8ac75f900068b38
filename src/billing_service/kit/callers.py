"""Who acts without a service token. No token may bear one of these names, or its deeds would pass for theirs."""

# The service by itself, and whoever sits at the command line.
SYSTEM, CLI = "system", "cli"
RESERVED = frozenset({SYSTEM, CLI})
