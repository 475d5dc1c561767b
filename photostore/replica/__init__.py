"""Further stores in which every original lies once more: copied, looked after, and read from when the primary fails."""
