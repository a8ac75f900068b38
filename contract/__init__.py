"""What follows from `openapi.json`: the generated part of our clients, and what would break them."""
