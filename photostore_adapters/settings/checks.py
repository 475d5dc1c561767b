"""What no key can tell alone: halves of a section, secrets that are none, settings that contradict each other."""

from collections.abc import Iterator
from itertools import chain

from .replicas import contradicting_replicas
from .schema import KEYS
from .settings import Settings
from .strength import weakness

_S3_REQUIRED = ("s3.bucket_name", "s3.aws_access_key_id", "s3.aws_secret_access_key")
_S3_TELLTALE = (*_S3_REQUIRED, "s3.endpoint_url", "s3.public_endpoint_url")
_OIDC_REQUIRED = ("oidc.server_metadata_url", "oidc.client_id")
_OIDC_TELLTALE = (*_OIDC_REQUIRED, "oidc.client_secret", "oidc.access_token_audience", "oidc.redirect_uri")


_ADAPTED = {
    "adapters.storage": (*_S3_TELLTALE, "storage.folder"),
    "adapters.identity_provider": (*_OIDC_REQUIRED, "oidc.client_secret"),
}


def contradictions(settings: Settings) -> list[str]:
    """One line a mistake; none when the settings hold together."""
    rules = (_s3, _oidc, _adapters, _secrets, _auth, _cors, _renditions, _media, contradicting_replicas)
    return list(chain.from_iterable(rule(settings) for rule in rules))


def _missing(settings: Settings, telltale: tuple[str, ...], required: tuple[str, ...]) -> Iterator[str]:
    given = [name for name in telltale if KEYS[name].of(settings) is not None]
    for name in required:
        if given and KEYS[name].of(settings) is None:
            reason = f"{KEYS[given[0]].variable} is set, so it should be set too"
            yield f"{KEYS[name].label} is missing; {reason}"


def _s3(settings: Settings) -> Iterator[str]:
    yield from _missing(settings, _S3_TELLTALE, _S3_REQUIRED)


def _oidc(settings: Settings) -> Iterator[str]:
    oidc = settings.oidc
    if settings.adapters.identity_provider is not None:
        return  # what is accepted is its own matter
    proves_itself = oidc.token_endpoint_auth_method.startswith("client_secret")
    required = (*_OIDC_REQUIRED, "oidc.client_secret") if proves_itself else _OIDC_REQUIRED
    yield from _missing(settings, _OIDC_TELLTALE, required)
    if "openid" not in oidc.scope.split():
        yield f"{KEYS['oidc.scope'].label} is {oidc.scope!r}; it should have openid among its words"
    if not oidc.algorithms:
        yield f"{KEYS['oidc.algorithms'].label} is empty; it should name at least one, such as RS256"
    if oidc.accept_access_tokens and oidc.access_token_audience is None:
        key = KEYS["oidc.access_token_audience"].label
        yield f"{key} is missing; without it a token made for any other service would be accepted here"
    if oidc.admin_values and oidc.admin_claim is None:
        yield f"{KEYS['oidc.admin_claim'].label} is missing; oidc.admin_values are values of that claim"


def _adapters(settings: Settings) -> Iterator[str]:
    """One part is one adapter's."""
    for key, others in _ADAPTED.items():
        given = [
            other for other in others if KEYS[key].of(settings) is not None and KEYS[other].of(settings) is not None
        ]
        if given:
            yield f"{KEYS[key].label} is set, and so is {KEYS[given[0]].variable}; it should be one of the two"


def _secrets(settings: Settings) -> Iterator[str]:
    key = KEYS["jwt.secret_key"]
    if settings.jwt.secret_key is None and not settings.embedded:
        make = 'python3 -c "import secrets; print(secrets.token_urlsafe(48))"'
        yield f"{key.label} is missing; outside the embedded default it should be a random text, as from: {make}"
    given = [
        (key.label, settings.jwt.secret_key),
        (KEYS["media.signing_key"].label, settings.media.signing_key),
        *((KEYS["jwt.previous_secret_keys"].label, each) for each in settings.jwt.previous_secret_keys),
        *((KEYS["media.previous_signing_keys"].label, each) for each in settings.media.previous_signing_keys),
    ]
    for label, secret in given:
        if secret is not None and (reason := weakness(secret)):
            yield f"{label} is too weak: {reason}; it should be a random text of at least 32 bytes"


def _auth(settings: Settings) -> Iterator[str]:
    if settings.auth.registration == "invitation" and not settings.auth.invitation_codes:
        key = KEYS["auth.invitation_codes"].label
        yield f"{key} is empty; auth.registration is invitation, so it should hold codes"


def _cors(settings: Settings) -> Iterator[str]:
    if settings.cors.allow_credentials and "*" in settings.cors.allow_origins:
        key = KEYS["cors.allow_origins"].label
        yield f"{key} has * while cors.allow_credentials is true; it should name the origins one by one"


def _renditions(settings: Settings) -> Iterator[str]:
    sizes, formats = settings.renditions.sizes, settings.renditions.formats
    if not sizes or len(settings.rendition_sizes) < len(sizes):
        yield f"{KEYS['renditions.sizes'].label} is {list(sizes)}; it should hold at least one size, each name once"
    if not formats or len(set(formats)) < len(formats):
        yield f"{KEYS['renditions.formats'].label} is {list(formats)}; it should hold at least one format, each once"


def _media(settings: Settings) -> Iterator[str]:
    if settings.media.delivery == "accel" and not settings.folder_enabled:
        kind = "a bucket" if settings.s3_enabled else "adapters.storage"
        yield f"{KEYS['media.delivery'].label} is accel; with {kind} it should be stream or redirect"
