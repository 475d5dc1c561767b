"""Where webhooks lead: it verifies what comes, fails now and then, and remembers what it took."""

import json
from collections import defaultdict
from random import Random
from typing import Any

from standardwebhooks import Webhook as Verifier
from standardwebhooks import WebhookVerificationError

from bench.soak.journal import Journal
from tests.adapters.endpoint import Endpoint, Writer, answering

_FAILS_ONE_OF = 150


class Sink:
    """`told` are the numbers of the changes that each path took, as they came."""

    def __init__(self, endpoint: Endpoint, journal: Journal, random: Random) -> None:
        self.told: dict[str, list[int]] = defaultdict(list)
        self.secrets: dict[str, str] = {}
        self._endpoint = endpoint
        self._journal = journal
        self._random = random
        endpoint.behaviour = self

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self._endpoint.port}{path}"

    async def __call__(self, writer: Writer) -> None:
        head, body = self._endpoint.requests.pop()
        if self._random.randrange(_FAILS_ONE_OF) == 0:
            self._journal.done["webhooks refused by their endpoint"] += 1
            await answering("500 Oh")(writer)
            return
        self._take(head, body)
        await answering("204 No Content")(writer)

    def _take(self, head: str, body: bytes) -> None:
        first, *rest = head.strip().split("\r\n")
        path = first.split(" ")[1]
        headers = dict(line.split(": ", 1) for line in rest)
        try:
            told: Any = json.loads(body)
            Verifier(self.secrets[path]).verify(body, headers)
        except (WebhookVerificationError, KeyError, ValueError) as wrong:
            self._journal.breach(f"a webhook at {path} came with a wrong signature: {wrong!r}")
            return
        self._journal.done["webhooks told"] += 1
        if told["type"] != "webhook.ping":
            self.told[path].append(told["data"]["seq"])
