"""Is this installation ready to sell? Whatever can be seen from here, and what cannot, and why."""
