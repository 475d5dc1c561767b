"""The keys that sign: given in the settings, or made once and kept beside the embedded database."""

import hmac
import os
import secrets
from hashlib import sha256
from pathlib import Path

from .errors import SettingsError
from .secret import Secret
from .settings import Settings

SECRET_KEY_FILE = "jwt_secret_key"  # noqa: S105 - the name of a file
_MEDIA_LABEL = b"photostore media URLs, version 1"


def secret_key_of(settings: Settings) -> Secret:
    """The secret that signs access tokens. In the embedded default it is made at the first call and kept.

    However many processes call this at once, all get the same secret.
    """
    if settings.jwt.secret_key is not None:
        return settings.jwt.secret_key
    if not settings.embedded:
        raise SettingsError(["jwt.secret_key (JWT__SECRET_KEY) is missing"])
    path = settings.data_dir / SECRET_KEY_FILE
    try:
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(64))
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError([f"{path} cannot be made or read: {error}"]) from error
    if not text:
        raise SettingsError([f"{path} is empty; remove it, and a new secret is made at the next start"])
    return Secret(text)


def media_signing_keys_of(settings: Settings) -> tuple[Secret, ...]:
    """The secrets of media URLs: the first signs, every one verifies.

    What is not set is derived from the secret of the access tokens, which then cannot be told from it.
    """
    if settings.media.signing_key is not None:
        return (settings.media.signing_key, *settings.media.previous_signing_keys)
    derived = (secret_key_of(settings), *settings.jwt.previous_secret_keys)
    return (*map(_derive_media_key, derived), *settings.media.previous_signing_keys)


def _derive_media_key(secret: Secret) -> Secret:
    return Secret(hmac.digest(secret.reveal().encode(), _MEDIA_LABEL, sha256).hex())


def _write_once(path: Path, text: str) -> None:
    """Leave a whole file for its owner alone; whoever comes second leaves the first one's file in place."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        # A link is refused where the name exists, unlike a rename.
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
