"""What a department's system is told, how it knows who told it, and where messages may go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workflows.errors import Malformed
from workflows.webhook import message, permitted, read_networks, read_target, sign, verify, wait_after

SECRET = "yws_example"
BODY = b'{"event":"case:dispatch"}'
NOW = 1_772_415_000


def test_a_signature_is_hmac_sha256_over_timestamp_and_body() -> None:
    """Beside `printf 1700000000.{} | openssl dgst -sha256 -hmac key`."""
    assert sign("key", 1700000000, b"{}") == "sha256=" + (
        "9d713ed406bb7076d4123f0dc2c39d2df5c654ed4b0cd56b52c8b4c940bd63ae"
    )


def test_a_receiver_takes_what_is_signed_and_fresh_and_nothing_else() -> None:
    signature = sign(SECRET, NOW, BODY)
    assert verify(SECRET, str(NOW), signature, BODY, NOW)
    assert verify(SECRET, str(NOW), signature, BODY, NOW + 300)
    assert verify(SECRET, str(NOW), signature, BODY, NOW - 300)
    assert not verify(SECRET, str(NOW), signature, BODY, NOW + 301)
    assert not verify(SECRET, str(NOW), signature, BODY, NOW - 301)
    assert not verify("another", str(NOW), signature, BODY, NOW)
    assert not verify(SECRET, str(NOW), signature, BODY + b" ", NOW)
    assert not verify(SECRET, str(NOW + 1), signature, BODY, NOW)
    for broken in ("", "sha256=", signature.upper(), "é" * 71):
        assert not verify(SECRET, str(NOW), broken, BODY, NOW)
    for moment in ("", "-1", " 1", "1e9", "٣", "9" * 40):
        assert not verify(SECRET, moment, signature, BODY, NOW)


@given(st.binary(max_size=200), st.integers(0, 2**33), st.integers(0, 7))
def test_one_changed_bit_breaks_a_signature(body: bytes, moment: int, bit: int) -> None:
    signed = sign(SECRET, moment, body)
    assert verify(SECRET, str(moment), signed, body, moment)
    changed = bytes([(body or b"\0")[0] ^ (1 << bit)]) + body[1:]
    assert not verify(SECRET, str(moment), signed, changed, moment)


@pytest.mark.parametrize(
    ("url", "host", "port", "path", "authority"),
    [
        ("https://approval.example.org/hook?a=1", "approval.example.org", 443, "/hook?a=1", "approval.example.org"),
        ("https://approval.example.org", "approval.example.org", 443, "/", "approval.example.org"),
        ("HTTPS://A.Example.ORG:8443/x", "a.example.org", 8443, "/x", "a.example.org:8443"),
        ("https://[2001:db8::1]:9443/", "2001:db8::1", 9443, "/", "[2001:db8::1]:9443"),
        ("https://10.12.0.7/hook", "10.12.0.7", 443, "/hook", "10.12.0.7"),
        ("https://h.example?x=1", "h.example", 443, "/?x=1", "h.example"),
    ],
)
def test_an_address_is_read_as_it_stands(url: str, host: str, port: int, path: str, authority: str) -> None:
    target = read_target(url)
    assert (target.host, target.port, target.path, target.authority) == (host, port, path, authority)


@pytest.mark.parametrize(
    "url",
    [
        "http://approval.example.org/",  # without TLS
        "ftp://approval.example.org/",
        "file:///etc/passwd",
        "//approval.example.org/",
        "https:approval.example.org",
        "https://",
        "https:///path",
        "https://user@approval.example.org/",
        "https://user:word@approval.example.org/",
        "https://approval.example.org/#part",
        "https://approval.example.org:0/",
        "https://approval.example.org:65536/",
        "https://approval.example.org:x/",
        "https://approval.example.org\\@127.0.0.1/",
        "https://approval.example.org/a b",
        "https://approval.example.org/\r\nHost: other",
        "https://审批.example.org/",
        "https://2130706433/",  # 127.0.0.1 as one number
        "https://0x7f000001/",
        "https://0x7f.0.0.1/",
        "https://127.1/",
        "https://0177.0.0.1/",
        "https://127.0.0.0x1/",
        "https://[::1%25lo]/",
        "https://[127.0.0.1]x/",
        "https://-a.example/",
        "https://a..example/",
        "https://approval.example.org./",
        "https://" + "a" * 500 + ".example/",
        "",
    ],
)
def test_an_address_that_could_be_read_in_two_ways_is_refused(url: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_target(url)
    assert refused.value.code == "webhook_url_wrong"


def test_plain_http_is_for_those_who_ask_for_it() -> None:
    assert read_target("http://approval.example.org/", plain=True).port == 80


PRIVATE = [
    "127.0.0.1", "127.8.9.10", "0.0.0.0", "10.0.0.1", "10.255.255.255", "172.16.0.1", "172.31.255.255", "192.168.1.1",
    "169.254.169.254", "169.254.0.1", "100.64.0.1", "100.127.255.255", "192.0.0.1", "198.18.0.1", "224.0.0.1",
    "239.1.1.1", "240.0.0.1", "255.255.255.255", "::", "::1", "fe80::1", "fec0::1", "fc00::1", "fd12::1", "ff02::1",
    "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "2002:7f00:1::", "2002:a00:1::",
    "64:ff9b::a00:1", "64:ff9b::7f00:1", "2001:0:7f00:1::1", "fd00:ec2::254", "2001:db8::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PRIVATE)
def test_nothing_goes_to_an_address_that_is_not_public(address: str) -> None:
    assert not permitted(address, ())


@pytest.mark.parametrize("address", ["1.1.1.1", "223.5.5.5", "2400:3200::1", "::ffff:223.5.5.5", "64:ff9b::df05:505"])
def test_messages_go_to_public_addresses(address: str) -> None:
    assert permitted(address, ())


def test_a_named_network_is_permitted_and_no_more() -> None:
    named = read_networks("10.12.0.0/16, fd12::/16")
    assert permitted("10.12.0.1", named)
    assert permitted("::ffff:10.12.0.1", named)
    assert permitted("fd12::1", named)
    assert permitted("223.5.5.5", named)
    for address in ("10.13.0.1", "127.0.0.1", "169.254.169.254", "fd13::1"):
        assert not permitted(address, named)


@pytest.mark.parametrize("text", ["10.12.0.0/33", "10.12.0.1/16", "local", "10.0.0.0/8 fd00::/8"])
def test_a_network_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"\S"):
        read_networks(text)


def test_each_failure_waits_longer_and_none_longer_than_an_hour() -> None:
    waits = [wait_after(failures) for failures in range(1, 40)]
    assert waits[:4] == [timedelta(seconds=seconds) for seconds in (10, 20, 40, 80)]
    assert waits == sorted(waits)
    assert max(waits) == timedelta(hours=1)


def test_a_message_says_where_to_read_and_nothing_about_persons() -> None:
    event = {
        "id": UUID(int=7),
        "name": "case:dispatch",
        "case": "4601002603020000019",
        "seq": 4,
        "from_state": "ACCEPTED",
        "to_state": "DISPATCHED",
        "version": 4,
        "at": datetime(2026, 3, 2, 2, 0, tzinfo=UTC),
        "applicant": {"name": "示例一"},
        "actor_name": "李明哲",
        "reason": "……",
    }
    told = message(event, "https://hall.example")
    assert set(told) == {
        "id", "event", "kind", "case", "seq", "from_state", "state", "version", "at", "links"
    }  # fmt: skip
    assert told["kind"] == "task"
    assert told["links"]["actions"] == "https://hall.example/api/v1/cases/4601002603020000019/actions"
    assert message(event | {"name": "case:accept"}, "")["kind"] == "state"
    assert message(event | {"name": "case:urge", "from_state": "DISPATCHED"}, "")["kind"] == "note"
    assert message(event, "")["links"]["case"] == "/api/v1/cases/4601002603020000019"
