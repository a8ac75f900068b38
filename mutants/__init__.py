"""Plausible single changes to what guards money, access and limits: does a test notice each? `make mutants`."""
