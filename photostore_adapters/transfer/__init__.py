"""Folders, tar and ZIP files that libraries are moved by."""
