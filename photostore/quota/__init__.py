"""How much one owner may keep."""
