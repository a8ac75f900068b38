"""The acts of the panel, each as data and two functions."""
