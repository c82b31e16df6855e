"""Small real gateways on loopback: one that speaks our HTTP protocol, and a mail server that speaks SMTP."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope

KEY = "a-key-that-only-the-gateway-knows"
Answer = tuple[int, dict[str, str], bytes]


def taken(body: dict[str, Any]) -> Answer:
    """The gateway takes a message and gives it a name of its own."""
    return 200, {}, json.dumps({"id": f"gw-{body['id'][-12:]}"}).encode()


@dataclass
class HttpGateway:
    """Sends each message once, whatever it is asked; ``answer`` says what it answers, ``None`` that it hangs up."""

    port: int = 0
    answer: Callable[[dict[str, Any]], Answer | None] = taken
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    sent: dict[str, dict[str, Any]] = field(default_factory=dict)
    _server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/send"

    def start(self) -> None:
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                gateway.asked.append(body)
                gateway.headers.append({name.lower(): value for name, value in self.headers.items()})
                found = gateway.answer(body)
                if found is None:
                    self.connection.close()
                    return
                status, headers, content = found
                if status == 200:
                    gateway.sent.setdefault(body["id"], body)
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(content))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_: Any) -> None:
                """Nothing is printed."""

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


@contextmanager
def http_gateway() -> Iterator[HttpGateway]:
    """A gateway that runs; the port stays its own while it is stopped in between."""
    gateway = HttpGateway()
    gateway.start()
    try:
        yield gateway
    finally:
        gateway.stop()


@dataclass
class Mailbox:
    """What a mail server got; ``verdict`` is its answer to a recipient."""

    port: int = 0
    verdict: str = "250 OK"
    letters: list[EmailMessage] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802  # the name is the library's
        self, _server: Any, _session: Any, envelope: Envelope, to: str, _options: list[str]
    ) -> str:
        if self.verdict.startswith("2"):
            envelope.rcpt_tos.append(to)
        return self.verdict

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802  # idem
        assert isinstance(envelope.content, bytes)
        self.letters.append(message_from_bytes(envelope.content, policy=default))
        return "250 taken"


@contextmanager
def mail_server(**options: Any) -> Iterator[Mailbox]:
    """A mail server that runs. ``options`` are aiosmtpd's."""
    box = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        box.port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=box.port, **options)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


def allow_anybody(*_: Any) -> AuthResult:
    """Any password is right."""
    return AuthResult(success=True)
