"""How fast the service is beside an endpoint that does nothing and one that does only the work: `make bench`."""
