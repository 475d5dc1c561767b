"""A client as the documentation asks for: it waits as long as it is told, and sends again under the same key."""

import asyncio
import time
from typing import Any
from uuid import uuid4

import httpx2

from bench.soak.journal import Journal
from tests.callers import WITHOUT_AUTHORITIES
from tests.e2e.people import PASSWORD

API = "/api/v1"
_PATIENCE_SECONDS = 180
_PAUSE_SECONDS = 0.3
# What one is told to come again for.
_AGAIN = {
    "/problems/idempotency-key-in-use",
    "/problems/concurrent-update",
    "/problems/upload-being-completed",
}
_NO_KEY = ("/auth/register", "/auth/login", "/auth/refresh", "/complete", "/archive")


class GaveUp(Exception):
    """Three minutes were not enough."""


class Refused(Exception):
    """An answer that nobody expected."""


class PatientClient(httpx2.AsyncClient):
    """Of somebody with a password. Every status that it sees goes into the journal; a 5xx that is no 503 with `Retry-After`
    is a breach."""

    def __init__(self, url: str, journal: Journal, email: str | None = None) -> None:
        super().__init__(base_url=url, timeout=60, verify=WITHOUT_AUTHORITIES)
        self._journal = journal
        self._email = email

    async def send(self, request: httpx2.Request, **options: Any) -> httpx2.Response:
        if options.get("stream"):
            return await self._streamed(request, options)
        if request.method == "POST" and not request.url.path.endswith(_NO_KEY):
            request.headers.setdefault("Idempotency-Key", str(uuid4()))
        began = time.monotonic()
        last = "nothing"
        while time.monotonic() < began + _PATIENCE_SECONDS:
            try:
                answer = await super().send(request, **options)
            except httpx2.TransportError as broken:
                if "Upload-Offset" in request.headers:
                    raise
                self._journal.answers["broke off"] += 1
                last = repr(broken)
                await asyncio.sleep(_PAUSE_SECONDS)
                continue
            self._saw(request, answer)
            last = f"{answer.status_code} {answer.text[:300]}"
            if answer.status_code == 401 and self._email and request.headers.get("Authorization"):
                await self.sign_in(instead_of=request.headers["Authorization"])
                request.headers["Authorization"] = self.headers["Authorization"]
            elif not self._again(answer):
                return answer
            else:
                await asyncio.sleep(float(answer.headers.get("Retry-After", _PAUSE_SECONDS)))
        raise GaveUp(f"{request.method} {request.url.path}: {last}")

    async def _streamed(self, request: httpx2.Request, options: dict[str, Any]) -> httpx2.Response:
        answer = await super().send(request, **options)
        self._saw(request, answer)
        if answer.status_code == 401:
            await self.sign_in(instead_of=request.headers["Authorization"])
        elif answer.status_code in (429, 503):
            await asyncio.sleep(float(answer.headers.get("Retry-After", 1)))
        return answer

    async def sign_in(self, *, instead_of: str = "") -> None:
        if self.headers.get("Authorization", "") != instead_of:
            return  # another one did
        # Not by what is about to be signed in.
        async with PatientClient(str(self.base_url), self._journal) as nobody:
            answer = await nobody.post(f"{API}/auth/login", json={"email": self._email, "password": PASSWORD})
        if answer.status_code != 200:
            raise Refused(f"signing in: {answer.status_code} {answer.text}")
        self.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"

    def _again(self, answer: httpx2.Response) -> bool:
        if answer.status_code == 507:
            return False
        if answer.status_code >= 500 or answer.status_code in (408, 429):
            return True
        return answer.status_code == 409 and answer.json().get("type") in _AGAIN

    def _saw(self, request: httpx2.Request, answer: httpx2.Response) -> None:
        self._journal.answers[str(answer.status_code)] += 1
        if answer.status_code < 500 or answer.status_code == 507:
            return
        if answer.status_code != 503 or "Retry-After" not in answer.headers:
            asked = answer.headers.get("X-Request-Id", "without an id")
            self._journal.breach(f"{answer.status_code} to {request.method} {request.url.path}, request {asked}")
