"""Work that is done after the transaction that caused it."""
