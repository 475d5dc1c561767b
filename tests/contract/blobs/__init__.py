"""One suite for every blob store there is."""
