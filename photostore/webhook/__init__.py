"""Other programs are told what changes: each change of the feed as a signed request to a URL of the owner's."""
