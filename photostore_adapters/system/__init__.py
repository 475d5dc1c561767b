"""The machine itself: clock, randomness, passwords, tokens."""
