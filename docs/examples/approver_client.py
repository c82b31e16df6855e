#!/usr/bin/env python3
"""A department's system in small: it begins with its tasks, is told of more by webhooks, and catches up from the feed.

    export HALL_URL=http://127.0.0.1:8000 HALL_SECRET=yws_… OFFICER_TOKEN=yct_… APPROVER_TOKEN=yct_…
    python3 approver_client.py --port 9000 --cursor cursor.txt --documents .

Each case is signed in, read page by page, reviewed, decided, and its decision is fetched. Python's standard library is
all it needs. What a real system would decide is the table WORK; the rest stays as it is.
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
import urllib.parse
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
AGAIN = 30
"""How often something that is not there yet is asked for, a second apart, unless the hall says when to come back."""


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
    return json.loads(fetch(token, method, path, payload, **headers))


def fetch(token: str, method: str, path: str, payload: Any = None, **headers: str) -> bytes:
    """The same, for an answer that is a picture or a document."""
    request = urllib.request.Request(  # noqa: S310  # the hall's own address
        os.environ["HALL_URL"].rstrip("/") + path,
        method=method,
        data=None if payload is None else json.dumps(payload).encode(),
        headers={"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        | {name.replace("_", "-"): value for name, value in headers.items()},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310  # idem
        found: bytes = answer.read()
    return found


def fetch_when_there(token: str, path: str) -> bytes:
    """A picture or a document that a worker of the hall may still be making."""
    for _ in range(AGAIN):
        try:
            return fetch(token, "GET", path)
        except urllib.error.HTTPError as refusal:
            if refusal.code not in {409, 503}:
                raise
            time.sleep(int(refusal.headers.get("Retry-After") or 1))
    return fetch(token, "GET", path)


def waiting() -> list[dict[str, Any]]:
    """What waits for the officer or the approver now, as events: the place to begin, and to look at when in doubt."""
    found = []
    for token in (os.environ["OFFICER_TOKEN"], os.environ["APPROVER_TOKEN"]):
        query = "?limit=50"
        while query:
            page = call(token, "GET", f"/api/v1/tasks{query}")
            found += [{"id": f"{row['number']}-{row['version']}", "case": row["number"]} for row in page["items"]]
            query = f"?limit=50&cursor={page['next']}" if page.get("next") else ""
    return found


def read_pages(token: str, number: str) -> int:
    """Every page of a case, as whoever signs must see it; each look is on record. How many there were."""
    pages = 0
    for scan in call(token, "GET", f"/api/v1/cases/{number}/scans"):
        for page in range(1, scan["pages"] + 1):
            fetch_when_there(token, f"/api/v1/scans/{scan['id']}/pages/{page}?size=screen")
            pages += 1
    return pages


def take_documents(token: str, number: str, issued: list[dict[str, Any]], folder: Path) -> None:
    """Keep what an act has issued, by its number."""
    for row in issued:
        path = f"/api/v1/cases/{number}/documents/{urllib.parse.quote(row['number'])}/content"
        (folder / f"{row['number']}.pdf").write_bytes(fetch_when_there(token, path))
        say(f"{number} {row['code']} {row['number']} kept")


def work_on(event: dict[str, Any], folder: Path) -> None:
    """Do what the case needs now, if it is allowed. Repeated without harm: the key of the event makes it one act."""
    case = f"/api/v1/cases/{event['case']}"
    now = call(os.environ["OFFICER_TOKEN"], "GET", case)
    if now["state"] not in WORK:
        return
    who, action, payload = WORK[now["state"]]
    token = os.environ[who]
    allowed = {row["action"]: row for row in call(token, "GET", f"{case}/actions")}
    if not allowed.get(action, {}).get("allowed"):
        barred = allowed.get(action, {}).get("barred") or {}
        say(f"{event['case']} {now['state']}: {action} is barred: {barred.get('zh', '')} {barred.get('basis') or ''}")
        return
    if action == "submit_review":
        say(f"{event['case']} {read_pages(token, event['case'])} pages read")
    key = f"{event['id']}-{action}"
    done = call(token, "POST", f"{case}/actions/{action}", payload, If_Match=str(now["version"]), Idempotency_Key=key)
    say(f"{event['case']} {action} -> {done['state']}")
    if action == "grant":
        take_documents(token, event["case"], done["documents"], folder)


def keep_working(events: queue.Queue[dict[str, Any]], folder: Path) -> None:
    """Take events one after another. A refusal is told and passed: whatever changed the case sends its own event."""
    while True:
        event = events.get()
        try:
            work_on(event, folder)
        except urllib.error.HTTPError as refusal:
            problem = json.loads(refusal.read() or b"{}")
            words = f"{problem.get('detail', '')} {problem.get('basis') or ''}"
            say(f"{event['case']} refused: {refusal.code} {problem.get('code', '')} {words}")
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
    parser.add_argument("--documents", type=Path, default=Path())
    chosen = parser.parse_args()
    Ear.events = queue.Queue()
    server = ThreadingHTTPServer(("127.0.0.1", chosen.port), Ear)
    threading.Thread(target=keep_working, args=(Ear.events, chosen.documents), daemon=True).start()
    for event in waiting():
        Ear.events.put(event)
    catch_up(chosen.cursor, Ear.events)
    say(f"listening on port {server.server_port}")
    server.serve_forever()


if __name__ == "__main__":
    main()
