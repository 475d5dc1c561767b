"""A client that costs little: one connection, kept open, one request at a time."""

from collections.abc import Mapping
from http.client import HTTPConnection
from types import TracebackType
from typing import Any, Self

import msgspec


class Client:
    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers: dict[str, str] = {}

    def sign_up(self, email: str = "bench@example.org") -> str:
        """Become a new user of photostore; their id."""
        account = {"email": email, "password": "a long enough password"}
        user_id = self.send("/api/v1/auth/register", account)["id"]
        self._headers["Authorization"] = f"Bearer {self.send('/api/v1/auth/login', account)['access_token']}"
        return str(user_id)

    def again(self, port: int | None = None) -> "Client":
        """Another connection of the same user, to this server or another of the same installation."""
        client = Client(port or self._connection.port)
        client._headers = self._headers
        return client

    def get(self, path: str) -> bytes:
        return self._request("GET", path, None, self._headers)

    def send(self, path: str, body: object) -> Any:
        headers = self._headers | {"Content-Type": "application/json"}
        return msgspec.json.decode(self._request("POST", path, msgspec.json.encode(body), headers))

    def edit(self, path: str, body: object) -> None:
        self._request("PATCH", path, msgspec.json.encode(body), self._headers | {"Content-Type": "application/json"})

    def upload(self, path: str, body: bytes, content_type: str) -> bytes:
        return self._request("POST", path, body, self._headers | {"Content-Type": content_type})

    def _request(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        if response.status not in (200, 201):
            raise RuntimeError(f"{method} {path} was answered {response.status}: {content[:500]!r}")
        return content

    def token(self) -> str:
        return self._headers["Authorization"].removeprefix("Bearer ")

    def authorize(self, token: str) -> None:
        """Be whoever has it."""
        self._headers["Authorization"] = f"Bearer {token}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()
