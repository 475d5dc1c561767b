"""Where webhooks may lead."""

from ipaddress import ip_address

import pytest

from photostore.webhook.addresses import is_public, networks
from photostore.webhook.errors import WebhookInvalid
from photostore.webhook.target import WebhookTargets


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.org",
        "https://hooks.example.org:8443/a/b?token=1",
        "https://xn--bcher-kva.example/",
        "https://93.184.215.14/",
        "https://[2606:4700::1111]/",
        "https://under_score.example.org/",
    ],
)
def test_the_internet_may_be_told(url: str) -> None:
    WebhookTargets().demand(url)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "hooks.example.org",
        "http://hooks.example.org/",
        "ftp://hooks.example.org/",
        "https://",
        "https:///path",
        "https://user@hooks.example.org/",
        "https://user:secret@hooks.example.org/",
        "https://@hooks.example.org/",
        "https://hooks.example.org/#part",
        "https://hooks.example.org/#",
        "https://hooks.example.org:25/",
        "https://hooks.example.org:22/",
        "https://hooks.example.org:0/",
        "https://hooks.example.org:65536/",
        "https://hooks.example.org:x/",
        "https://hooks.example.org./",
        "https://hooks..example.org/",
        "https://-hooks.example.org/",
        "https://hooks.example.org\\@127.0.0.1/",
        "https://hooks.example.org /",
        "https://hooks.example.org/\r\nX: 1",
        "https://bücher.example/",
        "https://hooks.example.org/" + "x" * 2048,
        "https://127.0.0.1/",
        "https://127.1/",
        "https://0/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.0.0.1./",
        "https://10.0.0.8/",
        "https://192.168.1.1:8443/",
        "https://172.16.5.4/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://224.0.0.1/",
        "https://255.255.255.255/",
        "https://198.18.0.1/",
        "https://[::1]/",
        "https://[::]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:a00:1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[2002:7f00:1::]/",
        "https://[2001:0:7f00:1::]/",
        "https://[::127.0.0.1]/",
        "https://[fe80::1%25eth0]/",
        "https://[fe80::1]/",
        "https://[fd00:ec2::254]/",
        "https://[fec0::1]/",
        "https://[ff02::1]/",
        "https://[2001:db8::1]/",
        "https://[127.0.0.1]/",
        "https://[::1/",
    ],
)
def test_what_is_none_of_the_internet_s_or_hides_what_it_is_may_not(url: str) -> None:
    with pytest.raises(WebhookInvalid) as refusal:
        WebhookTargets().demand(url)

    assert [each.field for each in refusal.value.errors] == ["url"]


def test_what_whoever_runs_the_service_allows_may_be_told() -> None:
    targets = WebhookTargets(allow_http=True, allowed=networks(["10.1.0.0/16", "::1"]))

    for url in ("http://10.1.2.3:8080/", "http://[::ffff:10.1.2.3]/", "https://[::1]/", "http://hooks.example.org/"):
        targets.demand(url)
    for url in ("http://10.2.0.1/", "http://127.0.0.1/", "http://[::ffff:127.0.0.1]/"):
        with pytest.raises(WebhookInvalid):
            targets.demand(url)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2001:4860:4860::8888", True),
        ("::ffff:8.8.8.8", True),
        ("64:ff9b::808:808", True),
        ("64:ff9b::a00:1", False),
        ("64:ff9b:1::808:808", False),
        ("192.88.99.1", False),
        ("192.0.0.9", False),
        ("0.0.0.0", False),
        ("3fff::1", False),
        ("2001:20::1", False),
        ("100::1", False),
    ],
)
def test_addresses_are_public_or_not(address: str, public: bool) -> None:
    assert is_public(ip_address(address)) is public
