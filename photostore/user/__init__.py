"""Who uses photostore: accounts, sessions, API keys."""
