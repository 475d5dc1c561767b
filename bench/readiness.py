"""How soon a photo that was uploaded is ready, on a server that has nothing else to do and was told nothing else."""

import time
from pathlib import Path
from statistics import median

import msgspec

from bench.client import Client
from bench.figures import Figure
from bench.pictures import CONTENT_TYPE, Forms
from bench.processes import default_server

_UPLOADS = 21
_POLL_SECONDS = 0.01
_PATIENCE_SECONDS = 30


def readiness(folder: Path, picture: bytes) -> list[Figure]:
    forms = Forms(picture)
    data = folder / "default"
    data.mkdir()
    with default_server(data) as (_, port), Client(port) as client:
        client.sign_up()
        first, *took = [_seconds_until_ready(client, forms.one()) for _ in range(_UPLOADS + 1)]
    return [
        Figure(name="decoding: from the answer to ready, median", measured=median(took), unit="s", target=1),
        Figure(name="decoding: from the answer to ready, slowest", measured=max(took), unit="s"),
        Figure(name="decoding: from the answer to ready, the first", measured=first, unit="s"),
    ]


def _seconds_until_ready(client: Client, form: bytes) -> float:
    """Ready for a client that asks again and again."""
    photo = msgspec.json.decode(client.upload("/api/v1/photos", form, CONTENT_TYPE))
    answered = time.perf_counter()
    while photo["status"] == "processing":
        if time.perf_counter() > answered + _PATIENCE_SECONDS:
            raise RuntimeError("a photo is not decoded")
        time.sleep(_POLL_SECONDS)
        photo = msgspec.json.decode(client.get(f"/api/v1/photos/{photo['id']}"))
    if photo["status"] != "ready":
        raise RuntimeError(f"a photo is {photo['status']}: {photo['failure']}")
    return time.perf_counter() - answered
