"""One module for each group of the API page, one function for each operation."""
