"""Links by which people without an account see photos of an owner."""
