"""What guests of share links send for an album, and what the owner decides about it."""
