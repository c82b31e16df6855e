#!/usr/bin/env python3
"""A department's system in small: it is told by webhooks, catches up from the feed, and acts through the interface.

    export HALL_URL=http://127.0.0.1:8000 HALL_SECRET=yws_… OFFICER_TOKEN=yct_… APPROVER_TOKEN=yct_…
    python3 approver_client.py --port 9000 --cursor cursor.txt

Python's standard library is all it needs. What a real system would decide is the table WORK; the rest stays as it is.
"""

from __future__ import annotations

import argparse
import hashlib
import hmac
import json
import os
import queue
import sys
import threading
import time
import urllib.error
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

WORK: dict[str, tuple[str, str, dict[str, Any]]] = {
    "RECEIVED": ("OFFICER_TOKEN", "accept", {}),
    "ACCEPTED": ("OFFICER_TOKEN", "dispatch", {}),
    "DISPATCHED": ("OFFICER_TOKEN", "sign_in", {}),
    "REVIEW": ("OFFICER_TOKEN", "submit_review", {"opinion": "材料齐全，符合法定条件。", "proposal": "grant"}),
    "VERIFY": ("APPROVER_TOKEN", "grant", {"opinion": "同意。"}),
}
"""By the state of a case: who acts, what they do, and what they say. The officer and the approver are two people."""

WINDOW = 300
"""How old a message may be, in seconds."""
MOST = 64 * 1024
"""No message is longer, in bytes."""


def say(text: str) -> None:
    """Tell the operator."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def genuine(secret: str, timestamp: str, signature: str, body: bytes) -> bool:
    """Whether the hall sent this, unaltered and just now: HMAC-SHA256 over ``timestamp.body``, compared in full."""
    if not (timestamp.isascii() and timestamp.isdigit()) or abs(time.time() - int(timestamp)) > WINDOW:
        return False
    expected = hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(f"sha256={expected}".encode(), signature.encode())


def call(token: str, method: str, path: str, payload: Any = None, **headers: str) -> Any:
    """One request to the hall; its answer. A refusal raises ``urllib.error.HTTPError``."""
    request = urllib.request.Request(  # noqa: S310  # the hall's own address
        os.environ["HALL_URL"].rstrip("/") + path,
        method=method,
        data=None if payload is None else json.dumps(payload).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        | {name.replace("_", "-"): value for name, value in headers.items()},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # idem
        return json.load(answer)


def work_on(event: dict[str, Any]) -> None:
    """Do what the case needs now, if it is allowed. Repeated without harm: the key of the event makes it one act."""
    case = f"/api/v1/cases/{event['case']}"
    now = call(os.environ["OFFICER_TOKEN"], "GET", case)
    if now["state"] not in WORK:
        return
    who, action, payload = WORK[now["state"]]
    token = os.environ[who]
    allowed = {row["action"]: row for row in call(token, "GET", f"{case}/actions")}
    if not allowed.get(action, {}).get("allowed"):
        say(f"{event['case']} {now['state']}: {action} is barred: {allowed.get(action, {}).get('reason', '')}")
        return
    key = f"{event['id']}-{action}"
    done = call(token, "POST", f"{case}/actions/{action}", payload, If_Match=str(now["version"]), Idempotency_Key=key)
    say(f"{event['case']} {action} -> {done['state']}")


def keep_working(events: queue.Queue[dict[str, Any]]) -> None:
    """Take events one after another. A refusal is told and passed: whatever changed the case sends its own event."""
    while True:
        event = events.get()
        try:
            work_on(event)
        except urllib.error.HTTPError as refusal:
            problem = json.loads(refusal.read() or b"{}")
            say(f"{event['case']} refused: {refusal.code} {problem.get('code', '')} {problem.get('basis') or ''}")
        except OSError as problem:
            say(f"the hall does not answer ({problem}); trying again")
            time.sleep(1)
            events.put(event)
        finally:
            events.task_done()


def catch_up(cursor: Path, events: queue.Queue[dict[str, Any]]) -> None:
    """Work on what happened while nobody listened. The cursor is kept once its events are done."""
    more = True
    while more:
        after = cursor.read_text().strip() if cursor.exists() else ""
        query = f"?limit=200&cursor={after}" if after else "?limit=200"
        page = call(os.environ["OFFICER_TOKEN"], "GET", f"/api/v1/events{query}")
        for event in page["items"]:
            events.put(event)
        events.join()
        cursor.write_text(page["next"])
        more = page["more"]


class Ear(BaseHTTPRequestHandler):
    """Hears messages: checks them, answers at once, and leaves the work to another thread."""

    events: queue.Queue[dict[str, Any]]

    def do_POST(self) -> None:
        """Take a message that is genuine; refuse every other one."""
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), MOST))
        stamp, signature = self.headers.get("X-Yichuang-Timestamp", ""), self.headers.get("X-Yichuang-Signature", "")
        if genuine(os.environ["HALL_SECRET"], stamp, signature, body):
            self.events.put(json.loads(body))
            self.send_response(204)
        else:
            self.send_response(401)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        """Say nothing of each request."""


def main() -> None:
    """Catch up, then listen until interrupted."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, default=9000)
    parser.add_argument("--cursor", type=Path, default=Path("cursor.txt"))
    chosen = parser.parse_args()
    Ear.events = queue.Queue()
    server = ThreadingHTTPServer(("127.0.0.1", chosen.port), Ear)
    threading.Thread(target=keep_working, args=(Ear.events,), daemon=True).start()
    catch_up(chosen.cursor, Ear.events)
    say(f"listening on port {server.server_port}")
    server.serve_forever()


if __name__ == "__main__":
    main()
