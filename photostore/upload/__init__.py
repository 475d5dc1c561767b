"""How bytes become a photo: one upload, whatever door it came through."""
