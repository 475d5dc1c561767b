"""The wall clock and the system's randomness."""

import secrets
from datetime import UTC, datetime

from photostore.shared.clock import Clock, Secrets


class SystemClock(Clock):
    def now(self) -> datetime:
        return datetime.now(UTC)


class SystemSecrets(Secrets):
    def token(self, size: int) -> bytes:
        return secrets.token_bytes(size)
