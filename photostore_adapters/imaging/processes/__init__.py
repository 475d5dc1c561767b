"""Runs decoder processes: the server's side, which never touches a pixel."""
