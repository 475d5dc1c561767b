"""Renditions with nothing around them: libvips alone makes both WebPs of a JPEG that it trusts.

`python -m bench.limits.decoding PICTURE` writes its port on the first line, and makes them for each byte sent there. It takes
the colours to sRGB when a profile is in the file, which costs, and has nothing to do for them otherwise.
"""

import socket
import sys

import pyvips  # type: ignore[import-untyped]

_ENCODED = {"Q": 78, "effort": 2, "keep": "none"}

pyvips.concurrency_set(1)
pyvips.cache_set_max(0)  # else the second time would cost nothing


def make(picture: str, colours: dict[str, str]) -> None:
    preview = pyvips.Image.thumbnail(picture, 1600, height=1600, size="down", **colours).copy_memory()
    thumb = preview.thumbnail_image(320, height=320, size="down")
    thumb.webpsave_buffer(**_ENCODED)
    preview.webpsave_buffer(**_ENCODED)


def main(picture: str) -> None:
    profiled = pyvips.Image.new_from_file(picture).get_typeof("icc-profile-data")
    colours = {"output_profile": "srgb", "intent": "relative"} if profiled else {}
    with socket.create_server(("127.0.0.1", 0)) as listening:
        print(listening.getsockname()[1], flush=True)
        connection, _ = listening.accept()
        while asked := connection.recv(1):
            make(picture, colours)
            connection.sendall(asked)


if __name__ == "__main__":
    main(sys.argv[1])
