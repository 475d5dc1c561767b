"""A sign-in under way, kept by the browser that began it: so that no one can finish it in another's."""

from abc import abstractmethod
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from photostore.user.identity_provider import SignInAttempt, SignInRefused

LIFETIME_SECONDS = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingSignIn:
    """The attempt, and where the browser wants to be afterwards, if anywhere."""

    attempt: SignInAttempt
    return_to: str | None


class PendingSignIns(Protocol):
    @abstractmethod
    def seal(self, pending: PendingSignIn, *, now: datetime) -> str:
        """As text that nobody else can make, good for ten minutes."""

    @abstractmethod
    def open(self, sealed: str, *, now: datetime) -> PendingSignIn:
        """Raise `SignInRefused` for anything but a fresh one of ours."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnTargets:
    """Where a browser may be sent after signing in: paths of this service, and URLs that begin as one of `allowed` says."""

    allowed: tuple[str, ...]

    def checked(self, target: str | None) -> str | None:
        """Raise `SignInRefused` for a target that is not allowed (no open redirects: RFC 9700, 4.11)."""
        if not target:
            return None
        plain = target.isascii() and target.isprintable() and "\\" not in target and " " not in target
        if plain and (self._is_own_path(target) or any(_begins(target, each) for each in self.allowed)):
            return target
        raise SignInRefused("The return_to is not among the allowed ones.", code="invalid_request")

    @staticmethod
    def _is_own_path(target: str) -> bool:
        return target.startswith("/") and not target.startswith("//")


def _begins(target: str, allowed: str) -> bool:
    """Whole origins and whole path segments: `https://a.example` does not allow `https://a.example.evil`."""
    base = allowed.rstrip("/")
    return target == base or target.startswith((f"{base}/", f"{base}?", f"{base}#"))
