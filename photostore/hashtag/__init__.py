"""The words by which photos are found."""
