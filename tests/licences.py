"""A small real service of electronic certificates on loopback, with TLS, that speaks what our client does."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from storage.embedded.certificates import ensure_certificates
from workflows.webhook import SIGNATURE, TIMESTAMP, sign, verify

KEY = "a-key-that-only-the-licences-know"


@dataclass
class LicenceHouse:
    """Certificates by the number of their holder, and files by the certificate's key.

    ``trouble`` says how it misbehaves: slow, garbage, wrong_signature, huge, moved, another_question.
    """

    url: str = ""
    authority: Path = Path()
    now: datetime = field(default_factory=lambda: datetime(2026, 3, 2, 1, 30, tzinfo=UTC))
    held: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    files: dict[str, bytes] = field(default_factory=dict)
    trouble: str = ""
    asked: list[str] = field(default_factory=list)

    def issue(self, holder: str, key: str, name: str, **more: Any) -> None:
        """Let the holder of a number have a certificate."""
        usual = {"number": f"证字第{key}号", "issuer": "示例市公安局", "valid_from": "2020-01-01", "state": "valid"}
        self.held.setdefault(holder, []).append({"id": key, "name": name, **usual, **more})

    def answer(self, path: str, asked: dict[str, Any]) -> tuple[int, bytes, str]:
        """Status, body and media type of the answer to a question."""
        self.asked.append(path)
        if self.trouble == "slow":
            threading.Event().wait(1.5)
        if self.trouble == "garbage":
            return 200, b"<html>\xff", "text/html"
        if self.trouble == "huge":
            return 200, b"x" * 10 * 2**20, "application/octet-stream"
        if self.trouble == "moved":
            return 302, b"", "text/html"
        if path == "/licences/file":
            found = self.files.get(asked["licence"])
            return (200, found, "application/pdf") if found is not None else (404, b"{}", "application/json")
        request = "another" if self.trouble == "another_question" else asked["request"]
        listed = self.held.get(asked["holder"]["id_number"], [])
        return 200, json.dumps({"request": request, "licences": listed}).encode(), "application/json"

    def signed(self, request: str, body: bytes) -> dict[str, str]:
        """The signature of an answer."""
        stamp = int(self.now.timestamp())
        key = "another-key-altogether" if self.trouble == "wrong_signature" else KEY
        return {TIMESTAMP: str(stamp), SIGNATURE: sign(key, stamp, request.encode() + b"\n" + body)}


@contextmanager
def licence_house(folder: Path) -> Iterator[LicenceHouse]:
    """The service on a free port; it stops with the block. :param folder: for its certificate and our trust in it."""
    house = LicenceHouse()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if not self._known(raw):
                self.send_error(401)
                return
            asked = json.loads(raw)
            status, body, kind = house.answer(self.path, asked)
            self.send_response(status)
            headers = {"Content-Type": kind, "Content-Length": str(len(body)), "Location": "https://127.0.0.1:1/"}
            for name, value in (headers | house.signed(asked["request"], body)).items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(body)
            except OSError:  # the caller has read enough
                self.close_connection = True

        def _known(self, raw: bytes) -> bool:
            if self.headers.get("Authorization") == f"Bearer {KEY}":
                return True
            stamp, signature = self.headers.get(TIMESTAMP, ""), self.headers.get(SIGNATURE, "")
            return verify(KEY, stamp, signature, raw, int(house.now.timestamp()))

        def log_message(self, *_: Any) -> None:
            """Nothing is printed."""

    certificates = ensure_certificates(folder, datetime.now(UTC))
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificates.certificate, certificates.key)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    house.url, house.authority = f"https://127.0.0.1:{server.server_address[1]}", certificates.authority
    try:
        yield house
    finally:
        server.shutdown()
        server.server_close()
