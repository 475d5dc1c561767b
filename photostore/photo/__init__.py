"""A stored picture of one owner, and what is said about it."""
