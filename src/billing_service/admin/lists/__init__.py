"""The lists of the panel, each as data."""
