"""A small courier of our own: it speaks the protocol of :mod:`engine.issue.courier` over HTTP on the loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from workflows.webhook import SIGNATURE, TIMESTAMP, sign

KEY = "a key of the sample courier"


@dataclass
class SampleCourier:
    """What the courier knows: parcels by waybill, waybills by the reference they were ordered under.

    ``status`` is answered to everything instead, ``body`` sent instead, while they are set.
    """

    url: str = ""
    parcels: dict[str, dict[str, Any]] = field(default_factory=dict)
    ordered: dict[str, str] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    status: int = 0
    body: bytes | None = None

    def order(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """A waybill for a parcel; the same one for the same reference."""
        if "火星" in body["receiver"]["address"]:
            return 422, {"reason": "该地区不派送"}
        reference = body["reference"]
        waybill = self.ordered.setdefault(reference, f"SF{len(self.ordered) + 1:010d}")
        parcel = {"waybill": waybill, "state": "created", "reference": reference, "pieces": body["pieces"]}
        self.parcels.setdefault(waybill, parcel | {"receiver": body["receiver"]})
        return 201, {"waybill": waybill, "carrier": "示例速运"}

    def answer(self, method: str, path: str, key: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """What is answered to a request."""
        self.asked.append(f"{method} {path}")
        if key != f"Bearer {KEY}":
            return 401, {}
        if (method, path) == ("POST", "/waybills"):
            return self.order(body)
        _, _, waybill, *rest = path.split("/")
        parcel = self.parcels.get(waybill)
        if parcel is None:
            return 404, {"reason": "没有该运单"}
        if rest == ["cancel"]:
            parcel["state"] = "cancelled"
            return 200, {}
        return 200, parcel

    def signed(self, waybill: str, by: str = "示例前台") -> dict[str, Any]:
        """The parcel is signed for; the report that the courier sends of it."""
        self.parcels[waybill] |= {"state": "signed", "signed_by": by}
        return self.told(waybill)

    def returned(self, waybill: str, reason: str = "查无此人") -> dict[str, Any]:
        """The parcel comes back; the report of it."""
        self.parcels[waybill] |= {"state": "returned", "reason": reason}
        return self.told(waybill)

    def told(self, waybill: str) -> dict[str, Any]:
        """What the courier reports of a parcel: never who receives it."""
        kept = {"waybill", "state", "reference", "signed_by", "reason"}
        return {name: value for name, value in self.parcels[waybill].items() if name in kept}


def report_headers(body: bytes, at: float, key: str = KEY) -> dict[str, str]:
    """The headers of a signed report. :param at: seconds since 1970."""
    stamp = int(at)
    return {TIMESTAMP: str(stamp), SIGNATURE: sign(key, stamp, body), "Content-Type": "application/json"}


@contextmanager
def sample_courier() -> Iterator[SampleCourier]:
    """The courier's server on a free port; it stops with the block, and with the process at the latest."""
    courier = SampleCourier()

    class Handler(BaseHTTPRequestHandler):
        def _serve(self) -> None:
            raw = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status, found = courier.answer(
                self.command, self.path, self.headers.get("Authorization", ""), json.loads(raw or b"{}")
            )
            body = courier.body if courier.body is not None else json.dumps(found).encode()
            self.send_response(courier.status or status)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = _serve  # noqa: N815  # names of the standard library

        def log_message(self, *_: Any) -> None:
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    courier.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield courier
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
