"""Who has the command line."""

import getpass
import os
import socket
from importlib.metadata import version

from photostore.audit.entry import Origin


def at_the_command_line() -> Origin:
    """By the name of the system's user; where they stepped up for it, by their own too."""
    name, before = _user_name(), os.environ.get("SUDO_USER")
    told = name if before in (None, "", name) else f"{name} (sudo by {before})"
    return Origin(name=told[:200], user_agent=f"photostore {version('photostore')} on {socket.gethostname()}"[:500])


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"uid {os.getuid()}"  # in a container, where nobody has a name
