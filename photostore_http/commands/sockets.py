"""The ports that photostore listens on."""

import socket

from photostore_adapters.launch import LaunchRefused


def listen_on(host: str, port: int, *, keys: tuple[str, str]) -> socket.socket:
    """A socket that takes connections. `keys` are the settings of the port and of the address, for whoever must change them."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except OSError as refusal:
        raise LaunchRefused(
            f"port {port} of {host} cannot be listened on: {(refusal.strerror or str(refusal)).lower()}. "
            f"{keys[0]}=... chooses another port, {keys[1]}=... another address."
        ) from refusal
