"""Archives: many photos as one ZIP file, told byte by byte from what is in the store."""
