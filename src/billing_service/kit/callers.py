"""Who acts without a service token. No token may bear one of these names, or its deeds would pass for theirs."""

# The service by itself, whoever sits at the command line, the service before this one, and whoever is at the panel.
SYSTEM, CLI, LEGACY, PANEL = "system", "cli", "legacy", "panel"
RESERVED = frozenset({SYSTEM, CLI, LEGACY, PANEL})
