"""Blobs as files below one folder: for one machine, or several that share a POSIX file system."""
