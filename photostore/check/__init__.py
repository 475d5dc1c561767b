"""Whether rows, bytes and counters agree, and making them agree again."""
