"""What a guest of a share link chooses of its photos (proofing): favourites and comments, sent once."""
