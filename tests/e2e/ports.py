"""Ports to listen on."""

import random
import socket
from contextlib import suppress


def free_port() -> int:
    """Below the ports that the kernel gives to outgoing connections, so that it stays free between two starts."""
    for port in random.sample(range(20_000, 32_000), 200):
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise RuntimeError("no free port")
