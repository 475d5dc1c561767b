"""Reading and writing files beside the event loop."""

from photostore_adapters.filesystem.threads import BlobThreads

_THREADS = BlobThreads(8)

# Whoever is cancelled waits for the call first: its file must not be closed under it.
in_thread = _THREADS.run
