"""A service that is traced, in this process, and someone's way through it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

from photostore_adapters.observability.work_spans import WorkSpans
from photostore_adapters.settings import load_settings
from photostore_adapters.wiring import make_worker, request_spans
from photostore_http.main import asgi_app, http_container
from tests.adapters.endpoint import endpoint
from tests.adapters.tracing.collector import Collector, collecting
from tests.e2e.databases import strong_secret
from tests.e2e.wire import a_photo_of
from tests.waiting import eventually

API = "/api/v1"
# Whatever people send has this in it.
PLANTED = "planted"
PERSON = {"email": f"{PLANTED}@example.org", "password": f"{PLANTED} correct horse battery"}
THEIRS = "0af7651916cd43dd8448eb211c80319c"
TRACEPARENT = f"00-{THEIRS}-b7ad6b7169203331-01"


@dataclass
class Journey:
    """`secrets` are what was handed out on the way; `hooked` is what the endpoint of a webhook was sent."""

    collector: Collector
    secrets: set[str] = field(default_factory=set)
    hooked: list[tuple[str, bytes]] = field(default_factory=list)

    def hand_out(self, *secrets: str) -> None:
        self.secrets.update(secrets)


@asynccontextmanager
async def a_service(folder: Path, database_url: str, **more: str) -> AsyncIterator[httpx.AsyncClient]:
    environment = {
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url,
        "JWT__SECRET_KEY": strong_secret(),
        "DECODING__PROCESSES": "1",
        "RENDITIONS__SIZES": "thumb:32",
        "RENDITIONS__FORMATS": "jpeg",
        "WEBHOOKS__ALLOW_HTTP": "true",
        "WEBHOOKS__ALLOWED_ADDRESSES": "127.0.0.1",
        **more,
    }
    settings = load_settings(environment)
    container = http_container(settings, database_url)
    app: Any = asgi_app(settings, container, await request_spans(container, settings))
    worker = make_worker(container, settings, database_url, await container.get(WorkSpans))
    working = asyncio.create_task(worker.run())
    headers = {"User-Agent": f"{PLANTED}/1", "X-Request-Id": f"{PLANTED}-request", "tracestate": f"{PLANTED}=1"}
    transport = httpx.ASGITransport(app)
    try:
        async with httpx.AsyncClient(transport=transport, base_url=settings.base_url, headers=headers) as http:
            yield http
    finally:
        worker.stop()
        await working
        await container.close()


async def travelled(folder: Path, database_url: str) -> Journey:
    """Everything that the collector got of it, once the service has ended."""
    with collecting() as collector:
        journey, key = Journey(collector), f"{PLANTED}-collector-key"
        told = {"TRACING__ENDPOINT": collector.endpoint, "TRACING__HEADERS": f"x-api-key={key}"}
        async with endpoint() as hook, a_service(folder, database_url, **told) as http:
            await _sign_in(http, journey)
            await http.post(f"{API}/webhooks", json={"url": hook.url().replace("/hook", f"/{PLANTED}")})
            photo_id = await _upload_a_form(http)
            await _upload_straight(http, journey)
            await _share(http, journey, photo_id)
            await _go_astray(http)
            await eventually(lambda: hook.requests, within=30)
            journey.hooked = list(hook.requests)
        journey.hand_out(urlsplit(database_url).password or PLANTED)
        return journey


async def _sign_in(http: httpx.AsyncClient, journey: Journey) -> None:
    await http.post(f"{API}/auth/register", json=PERSON)
    token = (await http.post(f"{API}/auth/login", json=PERSON)).json()["access_token"]
    journey.hand_out(token)
    http.headers["Authorization"] = f"Bearer {token}"


async def _upload_a_form(http: httpx.AsyncClient) -> str:
    answer = await http.post(
        f"{API}/photos",
        data={"hashtags": f"{PLANTED}tag", "title": PLANTED},
        files={"file": (f"{PLANTED}.jpg", a_photo_of(30_000))},
        headers={"traceparent": TRACEPARENT},
    )
    photo_id = str(answer.json()["id"])
    await _ready(http, photo_id)
    return photo_id


async def _upload_straight(http: httpx.AsyncClient, journey: Journey) -> None:
    content = a_photo_of(20_000, seed=1)
    file = {"filename": f"{PLANTED}.jpg", "content_type": "image/jpeg", "byte_size": len(content)}
    upload = (await http.post(f"{API}/uploads", json=file)).json()
    [part] = upload["parts"]
    journey.hand_out(*urlsplit(part["url"]).query.split("&"))
    await http.request(part["method"], part["url"], headers=part["headers"], content=content)
    photo = (await http.post(f"{API}/uploads/{upload['id']}/complete")).json()
    await _ready(http, photo["id"])
    signed = (await http.get(f"{API}/photos/{photo['id']}")).json()["file_url"]
    journey.hand_out(signed.rsplit("/", 1)[1])
    assert (await http.get(signed)).content == content


async def _share(http: httpx.AsyncClient, journey: Journey, photo_id: str) -> None:
    link = (
        await http.post(f"{API}/share-links", json={"photo_ids": [photo_id], "name": PLANTED, "allow_download": True})
    ).json()
    journey.hand_out(link["token"])
    shown = (await http.get(f"{API}/public/{link['token']}/photos")).json()["items"]
    journey.hand_out(shown[0]["file_url"].rsplit("/", 1)[1])
    await http.get(f"/s/{link['token']}")


async def _go_astray(http: httpx.AsyncClient) -> None:
    await http.get(f"{API}/photos", params={"hashtags": f"{PLANTED}tag"})
    await http.get(f"{API}/{PLANTED}/{PLANTED}")
    await http.get("/healthz")
    await http.request("PLANTED", f"{API}/photos")


async def _ready(http: httpx.AsyncClient, photo_id: str) -> None:
    async def is_ready() -> bool:
        return bool((await http.get(f"{API}/photos/{photo_id}")).json()["status"] == "ready")

    await eventually(is_ready, within=30)
