"""Whom the provider vouches for, read from claims that were checked."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from photostore.user.identity_provider import ProviderIdentity
from photostore_adapters.oidc.settings import OidcSettings
from photostore_adapters.oidc.text import email_address, printable

_MAX_NAME = 200


def identity_of(issuer: str, claims: Mapping[str, Any], settings: OidcSettings) -> ProviderIdentity:
    return ProviderIdentity(
        issuer=issuer,
        subject=claims["sub"],
        email=email_address(claims.get("email")),
        display_name=_display_name(claims),
        is_admin=_is_admin(claims, settings),
        expires_at=_end_of(claims.get("exp"), settings),
    )


def _end_of(told: object, settings: OidcSettings) -> datetime | None:
    """Until when the token is taken here. A time that no clock will ever show is none."""
    try:
        return (
            datetime.fromtimestamp(told + settings.clock_skew_seconds, UTC) if isinstance(told, int | float) else None
        )
    except (OverflowError, OSError, ValueError):
        return None


def is_complete(claims: Mapping[str, Any], settings: OidcSettings) -> bool:
    """Whether userinfo has nothing to add."""
    told = settings.admin_claim is None or settings.admin_claim in claims
    return told and email_address(claims.get("email")) is not None and _display_name(claims) is not None


def _display_name(claims: Mapping[str, Any]) -> str | None:
    return printable(claims.get("name"), at_most=_MAX_NAME) or printable(
        claims.get("preferred_username"), at_most=_MAX_NAME
    )


def _is_admin(claims: Mapping[str, Any], settings: OidcSettings) -> bool | None:
    """An absent claim is a no: whoever is not said to be an administrator is none."""
    if settings.admin_claim is None:
        return None
    value = claims.get(settings.admin_claim)
    if isinstance(value, list):
        return any(isinstance(item, str) and item in settings.admin_values for item in value)
    return value is True or (isinstance(value, str) and value in settings.admin_values)
