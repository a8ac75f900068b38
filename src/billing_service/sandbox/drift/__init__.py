"""Does the sandbox still answer as YooKassa does? One scenario on both, and the first difference between them."""
