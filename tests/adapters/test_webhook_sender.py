"""Messages over HTTP, to endpoints that behave and to those that do not."""

import datetime as dt
import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import format_datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from photostore.webhook.addresses import networks
from photostore.webhook.delivery import Fault
from photostore.webhook.ports import Message
from photostore.webhook.target import WebhookTargets
from photostore_adapters.webhooks.resolver import AddressRefused, CheckedResolver
from photostore_adapters.webhooks.sender import HttpWebhookSender
from photostore_adapters.webhooks.settings import SenderSettings
from tests.adapters.endpoint import Behaviour, answering, breaking, dripping, endpoint, hanging

LOOPBACK = WebhookTargets(allow_http=True, allowed=networks(["127.0.0.0/8", "::1"]))
STRICT = WebhookTargets(allow_http=True)


@asynccontextmanager
async def sending(
    targets: WebhookTargets = LOOPBACK, *, seconds: float = 10, tls: ssl.SSLContext | bool = True
) -> AsyncIterator[HttpWebhookSender]:
    sender = HttpWebhookSender(SenderSettings(timeout=seconds, user_agent="photostore/1"), targets, tls=tls)
    try:
        yield sender
    finally:
        await sender.aclose()


def message(url: str) -> Message:
    return Message(url=url, headers={"Content-Type": "application/json", "webhook-id": "1"}, body=b'{"a":1}')


async def test_a_message_arrives_as_it_is_and_its_connection_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with endpoint(answering("202 Accepted", "Set-Cookie: a=1", body=b"thanks")) as it, sending() as sender:
        answers = [await sender.send(message(it.url("localhost"))) for _ in range(3)]

    assert [(answer.status, answer.fault) for answer in answers] == [(202, None)] * 3
    assert it.connections == 1
    head, body = it.requests[-1]
    assert body == b'{"a":1}'
    assert head.startswith("POST /hook?a=1 HTTP/1.1\r\n")
    told = dict(line.lower().split(": ", 1) for line in head.strip().split("\r\n")[1:])
    assert told == {
        "host": f"localhost:{it.port}",
        "user-agent": "photostore/1",
        "accept": "*/*",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "webhook-id": "1",
        "content-length": "7",
    }


@pytest.mark.parametrize(
    ("behaviour", "fault", "status"),
    [
        (answering("500 Internal Server Error", body=b"oops"), Fault.STATUS, 500),
        (answering("410 Gone"), Fault.STATUS, 410),
        (answering("302 Found", "Location: http://127.0.0.1:1/"), Fault.REDIRECTED, 302),
        (answering("304 Not Modified"), Fault.REDIRECTED, 304),
        (breaking(), Fault.CONNECTION_BROKEN, None),
        (breaking(b"HTTP/1.1 200 OK\r\nContent-"), Fault.CONNECTION_BROKEN, None),
        (breaking(b"SSH-2.0-OpenSSH\r\n\r\n"), Fault.CONNECTION_BROKEN, None),
        (breaking(b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000 + b"\r\n\r\n"), Fault.CONNECTION_BROKEN, None),
        (hanging, Fault.TIMEOUT, None),
        (dripping(b"HTTP/1.1 200 OK\r\nX: "), Fault.TIMEOUT, None),
        # What was answered counts, whatever becomes of the rest of it.
        (breaking(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbut"), None, 200),
        (dripping(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"), None, 200),
        (dripping(b"HTTP/1.1 500 No\r\nTransfer-Encoding: chunked\r\n\r\n"), Fault.STATUS, 500),
        (answering(body=b"x" * 100_000), None, 200),
    ],
)
async def test_whatever_an_endpoint_does_is_an_answer(
    behaviour: Behaviour, fault: Fault | None, status: int | None
) -> None:
    started = time.monotonic()
    async with endpoint(behaviour) as it, sending(seconds=0.6) as sender:
        answer = await sender.send(message(it.url()))

    assert (answer.fault, answer.status) == (fault, status)
    assert len(it.requests) == 1
    assert time.monotonic() - started < 8


async def test_a_kept_connection_that_was_closed_meanwhile_is_no_failure() -> None:
    async with endpoint() as it, sending() as sender:
        first = await sender.send(message(it.url()))
        it.behaviour = breaking()
        broken = await sender.send(message(it.url()))

    assert (first.fault, broken.fault) == (None, Fault.CONNECTION_BROKEN)
    # Once on the kept connection, once on one of its own.
    assert (it.connections, len(it.requests)) == (2, 3)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
async def test_nothing_reaches_a_private_address_by_number_or_name(host: str) -> None:
    async with endpoint() as it, sending(STRICT) as sender:
        answer = await sender.send(message(it.url(host)))

    assert (answer.fault, it.connections) == (Fault.ADDRESS_REFUSED, 0)


async def test_what_is_allowed_no_longer_is_not_sent() -> None:
    async with endpoint() as it, sending(WebhookTargets(allowed=LOOPBACK.allowed)) as sender:
        answer = await sender.send(message(it.url()))

    assert (answer.fault, it.connections) == (Fault.URL_REFUSED, 0)


async def test_nobody_listens() -> None:
    async with endpoint() as it:
        pass
    async with sending() as sender:
        answer = await sender.send(message(it.url()))

    assert answer.fault is Fault.CONNECTION_FAILED


async def test_a_name_that_is_none() -> None:
    async with sending() as sender:
        answer = await sender.send(message("http://" + "x" * 63 + ".invalid/"))

    assert answer.fault is Fault.NAME_NOT_FOUND


async def test_of_the_addresses_of_a_name_those_alone_are_left_that_may_be_connected_to() -> None:
    looked_at = list[str]()

    def permits(address: object) -> bool:
        looked_at.append(str(address))
        return False

    with pytest.raises(AddressRefused):
        await CheckedResolver(permits).resolve("localhost", 443)
    found = await CheckedResolver(lambda address: address == ip_address("127.0.0.1")).resolve("localhost", 443)

    assert looked_at
    assert {each["host"] for each in found} == {"127.0.0.1"}


@pytest.mark.parametrize("odd", ["2130706433", "0x7f.1", "127.1", "017700000001"])
async def test_numbers_that_pass_for_names_are_looked_at_as_addresses(odd: str) -> None:
    with pytest.raises(OSError):  # noqa: PT011 - refused, or unknown to this system
        await CheckedResolver(STRICT.permits).resolve(odd, 443)


async def test_patience_is_told_in_seconds_or_as_a_date() -> None:
    later = format_datetime(dt.datetime.now(dt.UTC) + timedelta(minutes=10), usegmt=True)
    told = []
    async with endpoint() as it, sending() as sender:
        for patience in ("120", later, "soon", "-5", "9" * 30):
            it.behaviour = answering("503 Busy", f"Retry-After: {patience}")
            told.append((await sender.send(message(it.url()))).retry_after)
        it.behaviour = answering("500 No", "Retry-After: 120")
        of_another = (await sender.send(message(it.url()))).retry_after

    assert told[0] == timedelta(minutes=2)
    assert told[1] is not None
    assert timedelta(minutes=9) < told[1] <= timedelta(minutes=10)
    assert told[2:4] == [None, None]
    assert told[4] is not None
    assert told[4] > timedelta(days=1)
    assert of_another is None


async def test_certificates_are_verified_against_the_name_that_was_asked_for(tmp_path: Path) -> None:
    ours, trusting = certified(tmp_path, "localhost")
    async with endpoint(tls=ours) as it:
        async with sending() as sender:
            unknown = await sender.send(message(it.url("localhost", scheme="https")))
        async with sending(tls=trusting) as sender:
            known = await sender.send(message(it.url("localhost", scheme="https")))
            misnamed = await sender.send(message(it.url("127.0.0.1", scheme="https")))

    assert (unknown.fault, known.status, misnamed.fault) == (Fault.TLS_FAILED, 200, Fault.TLS_FAILED)
    assert it.server_names[:2] == ["localhost", "localhost"]
    assert len(it.requests) == 1


def certified(folder: Path, name: str) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """A server's context for this name, and a client's that trusts it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = dt.datetime.now(dt.UTC)
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    certificate = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False).sign(
        key, hashes.SHA256()
    )
    file = folder / "server.pem"
    pem = serialization.Encoding.PEM
    plain = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(plain + certificate.public_bytes(pem))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cadata=certificate.public_bytes(pem).decode())
