"""What runs inside a decoder process, with hostile bytes; nothing here is imported by the server."""
