"""Everything at once, for half an hour, while things break; and then a comparison with what was acknowledged."""
