"""How the site of `docs/` is made and checked."""
