"""Messages to departments' systems (webhooks): what is told, how it is signed, where it may go, when it is tried again.

A message says that something happened and where to read about it. It holds no personal data: who is meant is read from
the case, by somebody who may.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final, TypeAlias

from workflows.errors import Conflict, Malformed
from workflows.events import Act

TIMESTAMP: Final = "X-Yichuang-Timestamp"
"""Header: when this attempt was made, in whole seconds of Unix time."""
SIGNATURE: Final = "X-Yichuang-Signature"
"""Header: see :func:`sign`."""
DELIVERY: Final = "X-Yichuang-Delivery"
"""Header: the key of the delivery; the same when it is tried again."""
WINDOW: Final = timedelta(minutes=5)
"""How far the timestamp may lie from the receiver's clock before a message is taken for a repeated old one."""

ROUTING: Final = frozenset(f"case:{act}" for act in (Act.DISPATCH, Act.REPORT_UP, Act.REASSIGN, Act.SEND_BACK))
"""Events that put a task into somebody's hands; the dispatch of a child case (并联) is one too."""

Network: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address

_PORTS: Final = {"https": 443, "http": 80}
_LONGEST_URL: Final = 500
_FIRST_WAIT: Final = timedelta(seconds=10)
_LONGEST_WAIT: Final = timedelta(hours=1)
_URL: Final = re.compile(
    r"(?P<scheme>https?)://(\[(?P<six>[0-9a-f:.]+)\]|(?P<host>[^\[\]/?#:@]+))(:(?P<port>[0-9]{1,5}))?"
    r"(?P<path>/[!-~]*)?(?P<query>\?[!-~]*)?",
    re.IGNORECASE,
)
_UNSAFE: Final = frozenset("#\\<>\"'`{}|^")
_NAME: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)(\.(?!-)[a-z0-9_-]{1,63}(?<!-))*", re.IGNORECASE)
_NUMBER: Final = re.compile(r"0x[0-9a-f]*|[0-9]+", re.IGNORECASE)
_NAT64: Final = ipaddress.IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a message goes: the parts of its address."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the ``Host`` header says: the port only where it is not the scheme's own."""
        shown = f"[{self.host}]" if ":" in self.host else self.host
        return shown if self.port == _PORTS[self.scheme] else f"{shown}:{self.port}"


def sign(secret: str, timestamp: int, body: bytes) -> str:
    """The signature of a message: ``sha256=`` and HMAC-SHA256 over ``timestamp.body``, hexadecimal (RFC 2104).

    :param timestamp: Unix time in whole seconds, as the header says it.
    """
    return "sha256=" + hmac.new(secret.encode(), b"%d." % timestamp + body, hashlib.sha256).hexdigest()


def verify(secret: str, timestamp: str, signature: str, body: bytes, now: int) -> bool:
    """Whether a message is from who knows the secret, unaltered, and made within the last five minutes.

    :param timestamp: the header as received. :param now: the receiver's Unix time, in whole seconds.
    """
    if not re.fullmatch(r"[0-9]{1,12}", timestamp) or abs(now - int(timestamp)) > WINDOW.total_seconds():
        return False
    return hmac.compare_digest(sign(secret, int(timestamp), body).encode(), signature.encode())


def read_target(url: str, *, plain: bool = False) -> Target:
    """The address that a department gives for its messages.

    :param plain: whether ``http`` is allowed beside ``https``.
    :raises Malformed: ``webhook_url_wrong`` for anything but a plain web address: a user name, a fragment, a host that
        is spelt as a number (``2130706433``, ``0x7f.1``), hidden characters.
    """
    schemes = ("https", "http") if plain else ("https",)
    found = _URL.fullmatch(url)
    if found is None or len(url) > _LONGEST_URL or _UNSAFE & set(url):
        raise _url_wrong(schemes)
    scheme, host = found["scheme"].lower(), (found["six"] or found["host"]).lower()
    port = int(found["port"]) if found["port"] else _PORTS[scheme]
    if scheme not in schemes or not _is_host(host) or not 0 < port < 65536:
        raise _url_wrong(schemes)
    return Target(scheme, host, port, (found["path"] or "/") + (found["query"] or ""))


def _is_host(host: str) -> bool:
    return _is_address(host) or (
        len(host) <= 253 and bool(_NAME.fullmatch(host)) and not _NUMBER.fullmatch(host.rpartition(".")[2])
    )


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _url_wrong(schemes: Sequence[str]) -> Malformed:
    listed = " or ".join(f"{scheme}://" for scheme in schemes)
    return Malformed(
        "webhook_url_wrong",
        f"推送地址须以 {listed} 开头，写明主机名，不含用户名、片段和数字形式的主机。",
        f"A webhook's address begins with {listed} and a host name; no user, no fragment, no host spelt as a number.",
        field="$.url",
    )


def read_networks(text: str) -> tuple[Network, ...]:
    """Networks from a list such as ``10.12.0.0/16, fd00::/8``.

    :raises ValueError: naming what is no network.
    """
    return tuple(ipaddress.ip_network(one.strip()) for one in text.split(",") if one.strip())


def permitted(address: str, networks: Sequence[Network]) -> bool:
    """Whether messages may go to an address: a public one, or one inside a network that was named for it.

    Loopback, link-local (also the metadata service of cloud machines), private, shared, reserved and multicast
    addresses are not public; an IPv6 address that stands for an IPv4 one is judged as that one.
    """
    found = _plain(ipaddress.ip_address(address))
    if any(found.version == network.version and found in network for network in networks):
        return True
    site_local = isinstance(found, ipaddress.IPv6Address) and found.is_site_local
    return found.is_global and not (found.is_multicast or found.is_reserved or found.is_unspecified or site_local)


def _plain(address: Address) -> Address:
    """The IPv4 address behind a mapped, 6to4, Teredo or NAT64 one."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    teredo = address.teredo[1] if address.teredo else None
    nat64 = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF) if address in _NAT64 else None
    return address.ipv4_mapped or address.sixtofour or teredo or nat64 or ipaddress.IPv6Address(int(address))


def refuse_address() -> Conflict:
    """The refusal of a target inside this network."""
    return Conflict(
        "webhook_target_refused",
        "推送地址指向内部网络，已拒绝。如确需推送，请系统管理员在 YICHUANG_WEBHOOK_NETWORKS 中列明该网段。",
        "The address leads into a private network, which is refused. If it is meant, let the system administrator name"
        " the network in YICHUANG_WEBHOOK_NETWORKS.",
        basis="GB/T 22239-2019 8.1.3",
    )


def wait_after(failures: int) -> timedelta:
    """How long to wait after so many failures in a row: ten seconds, doubled each time, at most an hour."""
    doubled = 1 << min(max(failures, 1) - 1, 20)
    return min(_FIRST_WAIT * doubled, _LONGEST_WAIT)


def message(event: Mapping[str, Any], base: str) -> dict[str, Any]:
    """What a department is told about an event, as a message and as a row of the feed.

    :param event: ``id``, ``name``, ``case``, ``seq``, ``from_state``, ``to_state``, ``version``, ``at``.
    :param base: the public address of this installation, without a slash at its end; empty for relative links.
    """
    case = f"{base}/api/v1/cases/{event['case']}"
    return {
        "id": str(event["id"]),
        "event": event["name"],
        "kind": _kind(event),
        "case": event["case"],
        "seq": event["seq"],
        "from_state": event["from_state"],
        "state": event["to_state"],
        "version": event["version"],
        "at": event["at"].isoformat(),
        "links": {"case": case, "actions": f"{case}/actions", "materials": f"{case}/materials"},
    }


def _kind(event: Mapping[str, Any]) -> str:
    if event["name"] in ROUTING:
        return "task"
    return "state" if event["from_state"] != event["to_state"] else "note"
