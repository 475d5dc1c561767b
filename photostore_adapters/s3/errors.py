"""What the SDK, the HTTP client and the store say, as the ports say it. No URL is told on: it may be a signed one."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp
from botocore.exceptions import BotoCoreError, ClientError  # type: ignore[import-untyped]

from photostore.shared.blobs import BlobStoreUnavailable

_CODE = re.compile(r"<Code>([A-Za-z0-9]{1,64})</Code>")
_MAX_ERROR_BYTES = 8192


@contextmanager
def store_errors(action: str) -> Iterator[None]:
    """Whatever goes wrong inside is `BlobStoreUnavailable`, except refusals that were translated already."""
    try:
        yield
    except ClientError as error:
        raise refused(action, status_of(error), code_of(error)) from error
    except TimeoutError:
        raise BlobStoreUnavailable(f"the blob store did not answer in time, asked to {action}") from None
    except (aiohttp.ClientError, BotoCoreError, OSError) as error:
        raise BlobStoreUnavailable(f"the blob store cannot be reached to {action} ({type(error).__name__})") from None
    except KeyError as error:
        raise BlobStoreUnavailable(f"the blob store answered without {error}, asked to {action}") from None


def refused(action: str, status: int, code: str) -> BlobStoreUnavailable:
    return BlobStoreUnavailable(f"the blob store answered {status} {code}".rstrip() + f", asked to {action}")


def status_of(error: ClientError) -> int:
    return int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))


def code_of(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def is_absent(error: ClientError) -> bool:
    """Whether the object is not there. A bucket that is not there is a fault."""
    return status_of(error) == 404 and code_of(error) != "NoSuchBucket"


async def error_code(response: aiohttp.ClientResponse) -> str:
    """The code in the body of a refusal, or nothing when there is none to be had."""
    try:
        body = await response.content.read(_MAX_ERROR_BYTES)
    except (aiohttp.ClientError, OSError):
        return ""
    found = _CODE.search(body.decode("utf-8", "replace"))
    return found.group(1) if found else ""
