"""An OpenID Connect provider that says whatever a test tells it to, over real HTTP."""

import asyncio
import hmac
import json
import time
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from photostore.user.identity_provider import ProviderIdentity
from photostore_adapters.oidc.provider_client import OidcIdentityProvider
from photostore_adapters.oidc.settings import OidcSettings
from tests.adapters.oidc_parties import AUDIENCE, NOWHERE

CLIENT_ID = "photos"
CLIENT_SECRET = "the-secret-of-the-client-is-long-enough-to-be-a-key"
ACCESS_TOKEN = "an-access-token"
METADATA = "/.well-known/openid-configuration"

# Made once, since that takes longer than most of the tests.
_FIRST_KEY = RSAKey.generate_key(2048, {"kid": "first", "use": "sig"})

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Json = dict[str, Any]


def without_none(document: Json) -> Json:
    return {name: value for name, value in document.items() if value is not None}


@dataclass(frozen=True)
class FromNow:
    """A claim in so many seconds from when it is signed: a test may run long after it was collected."""

    seconds: int

    def time(self) -> int:
        return int(time.time()) + self.seconds


class HostileProvider:
    """Honest until told otherwise. In `metadata`, `claims`, `header`, `token` and `answer` a value replaces the honest
    one, and `None` leaves it out; `handlers` replaces what a path does; `asked` counts the requests of each path."""

    def __init__(self) -> None:
        self.issuer = ""
        self.key: RSAKey | ECKey = _FIRST_KEY
        self.published: list[Any] = []
        self.publish(self.key)
        self.metadata: Json = {}
        self.claims: Json = {}
        self.header: Json = {}
        self.token: Json = {}
        self.answer: Json = {}
        self.userinfo: Json | None = None
        self.handlers: dict[str, Handler] = {}
        self.asked: Counter[str] = Counter()
        self.forms: list[Json] = []
        self.never = asyncio.Event()

    def publish(self, *keys: RSAKey | ECKey) -> None:
        """Make these the published keys, and sign with the first."""
        self.key = keys[0]
        self.published = [key.as_dict(private=False) for key in keys]

    def settings(self, **others: Any) -> OidcSettings:
        asked: Json = {
            "server_metadata_url": self.issuer + METADATA,
            "client_id": CLIENT_ID,
            "client_secret": CLIENT_SECRET,
            "access_token_audience": AUDIENCE,
            "timeout_seconds": 2,
            **others,
        }
        return OidcSettings(**asked)

    async def sign_in(self, party: OidcIdentityProvider) -> ProviderIdentity:
        """From the first step to the last, as an honest browser does it."""
        url, attempt = await party.begin(redirect_uri=NOWHERE)
        self.claims = {"nonce": dict(parse_qsl(urlsplit(url).query))["nonce"], **self.claims}
        answer = {"code": "a-code", "state": attempt.state, "iss": self.issuer, **self.answer}
        return await party.finish(attempt, without_none(answer))

    def id_token(self) -> str:
        now = int(time.time())
        honest = {"iss": self.issuer, "aud": CLIENT_ID, "sub": "alice", "iat": now, "exp": now + 300}
        return self.sign({**honest, "email": "alice@example.test", "name": "Alice", **self.claims})

    def access_token(self, **claims: Any) -> str:
        now = int(time.time())
        honest = {"iss": self.issuer, "aud": AUDIENCE, "sub": "alice", "iat": now, "exp": now + 300, "scope": "photos"}
        return self.sign({**honest, **claims}, typ="at+jwt")

    def sign(self, claims: Json, **header: Any) -> str:
        algorithm = "RS256" if isinstance(self.key, RSAKey) else "ES256"
        claims = {name: value.time() if isinstance(value, FromNow) else value for name, value in claims.items()}
        full = without_none({"alg": algorithm, "kid": self.key.kid, **header, **self.header})
        return jwt.encode(full, without_none(claims), self.key, algorithms=[algorithm], default_type=None)

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked[request.path] += 1
        handler = self.handlers.get(request.path, self._honest)
        return await handler(request)

    async def hang(self, _request: web.Request) -> web.StreamResponse:
        await self.never.wait()
        return web.Response()

    async def drip(self, request: web.Request) -> web.StreamResponse:
        """The head at once, and of the body a byte and no more."""
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        await response.write(b"{")
        await self.never.wait()
        return response

    async def _honest(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/token":
            self.forms.append({**await request.post(), "authorization": request.headers.get("Authorization")})
        honest: dict[str, Callable[[], Json | None]] = {
            METADATA: self._metadata,
            "/keys": lambda: {"keys": self.published},
            "/token": self._token,
            "/userinfo": lambda: self.userinfo,
        }
        document = honest[request.path]()
        return web.Response(status=401) if document is None else web.json_response(document)

    def _metadata(self) -> Json:
        honest = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "id_token_signing_alg_values_supported": ["none", "HS256", "RS256", "ES256"],
        }
        return without_none({**honest, **self.metadata})

    def _token(self) -> Json:
        answer = {"access_token": ACCESS_TOKEN, "token_type": "Bearer", "expires_in": 300}
        return without_none(
            {**answer, **({} if "id_token" in self.token else {"id_token": self.id_token()}), **self.token}
        )


def forged(header: Json, claims: Json, *, secret: bytes | None) -> str:
    """A JWT that no library would make: HMAC-SHA256 with any bytes for a key, or no signature."""
    signed = ".".join(_encoded(json.dumps(part).encode()) for part in (header, claims))
    signature = b"" if secret is None else hmac.digest(secret, signed.encode(), "sha256")
    return f"{signed}.{_encoded(signature)}"


def answering(body: bytes, *, status: int = 200, **headers: str) -> Handler:
    async def answer(_request: web.Request) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=body, status=status, headers={"Content-Type": "application/json", **named})

    return answer


@asynccontextmanager
async def hostile_provider() -> AsyncIterator[HostileProvider]:
    provider = HostileProvider()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", provider.handle)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    provider.issuer = f"http://{host}:{port}"
    try:
        yield provider
    finally:
        provider.never.set()
        await runner.cleanup()


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).rstrip(b"=").decode()
