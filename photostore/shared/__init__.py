"""What every room may use: ids, error kinds, aggregates and events, the clock, the unit of work, blobs. Knows no room."""
