"""The development machinery, tried on real servers and real processes."""
