"""The settings: `settings.yaml`, then variables, checked once into frozen objects."""

from .describe import SettingReference, SettingRow, describe, reference
from .errors import SettingsError
from .keys import media_signing_keys_of, secret_key_of
from .load import load_settings
from .secret import Secret, SecretUrl
from .sections import ReplicaItem
from .settings import Settings

__all__ = [
    "ReplicaItem",
    "Secret",
    "SecretUrl",
    "SettingReference",
    "SettingRow",
    "Settings",
    "SettingsError",
    "describe",
    "load_settings",
    "media_signing_keys_of",
    "reference",
    "secret_key_of",
]
