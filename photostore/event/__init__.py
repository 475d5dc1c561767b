"""What becomes of the facts that aggregates record."""
