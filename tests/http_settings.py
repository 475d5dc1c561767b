"""The settings of the HTTP door that tests start from."""

from typing import Any

from photostore_http.settings import HttpSettings, MediaDelivery


def http_settings(**changed: Any) -> HttpSettings:
    """Those of a service at `http://photos.test`."""
    told: dict[str, Any] = {
        "base_url": "http://photos.test",
        "redirect_uri": "http://photos.test/api/v1/auth/callback",
        "max_json_bytes": 4096,
        "download_seconds": 300,
        "stall_seconds": 5.0,
        "media_delivery": MediaDelivery.STREAM,
        "accel_prefix": "/protected/",
        "cors_origins": (),
        "cors_credentials": False,
        "version": "1.2.3",
        "build": "abc",
    }
    return HttpSettings(**{**told, **changed})
