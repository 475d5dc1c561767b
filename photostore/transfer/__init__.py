"""Moving libraries in and out: what an export holds, and what is said beside pictures that come from elsewhere."""
