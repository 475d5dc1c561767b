"""The HTTP door and the command line of photostore; one file a URL prefix."""
