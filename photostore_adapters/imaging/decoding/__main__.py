"""`python -m photostore_adapters.imaging.decoding DESCRIPTOR PARENT`: a decoder process, started by the server."""

from photostore_adapters.imaging.decoding.child import main

main()
