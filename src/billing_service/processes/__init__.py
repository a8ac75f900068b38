"""The processes that run for long: each loads its own rooms, and none of those of the other commands."""
