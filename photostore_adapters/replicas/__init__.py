"""Further stores of originals: reading from them when the primary fails, and what they are made of."""
