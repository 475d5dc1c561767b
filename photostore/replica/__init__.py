"""Further blob stores, to which originals are copied."""
