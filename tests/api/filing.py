"""Files an application with its scans over HTTP, up to a chosen state."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from PIL import Image, ImageDraw

from api.state import context_of
from engine.evidence import judge_scan
from tests.api.hall import FOOD, Caller, Clock

LINES = [line for line in FOOD.materials if line.applies(frozenset())]
COUNTS = [
    {"line": line.code, "exempt": "e_cert", "checked": True}
    if line.e_cert
    else {"line": line.code, "originals": line.originals, "copies": line.copies, "pages": 1, "checked": True}
    for line in LINES
]
PERSON = {"name": "示例经办人", "id_kind": "resident_id", "id_number": "11010519491231002X", "relation": "agent"}


@cache
def picture() -> bytes:
    """A small page as JPEG."""
    page = Image.new("RGB", (620, 877), "white")
    ImageDraw.Draw(page).rectangle((60, 60, 560, 200), outline="black", width=4)
    content = io.BytesIO()
    page.save(content, "JPEG", dpi=(75, 75))
    return content.getvalue()


@dataclass
class Filing:
    """One case on its way, and the version that its people have seen."""

    app: Any
    clock: Clock
    number: str
    version: int = 1

    async def act(self, who: Caller, action: str, **payload: Any) -> dict[str, Any]:
        """Do an act that must succeed."""
        self.clock.advance(minutes=10)
        answer = await who.act(self.number, action, self.version, body=payload)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        assert answer.headers["etag"] == f'"{body["version"]}"'
        self.version = body["version"]
        return body

    async def scan(self, who: Caller, line: str) -> str:
        """Upload a page for a line and have it judged; the scan's key."""
        answer = await who.upload(self.number, line, picture(), name="第1页.jpg", kind="image/jpeg")
        assert answer.status_code == 201, answer.text
        await judge_scan(context_of(self.app), UUID(answer.json()["scan"]), self.clock)
        self.version = (await who.get(f"/api/v1/cases/{self.number}")).json()["version"]
        scan: str = answer.json()["scan"]
        return scan


async def received(app: Any, clock: Clock, clerk: Caller, *, lines: list[str] | None = None) -> Filing:
    """A case with its papers scanned and counted, all of them or only these lines."""
    filing = Filing(app, clock, await clerk.open_case())
    wanted = [row for row in COUNTS if lines is None or row["line"] in lines]
    for row in wanted:
        if "exempt" not in row:
            await filing.scan(clerk, str(row["line"]))
    await filing.act(clerk, "receive", materials=wanted)
    return filing


async def under_decision(app: Any, clock: Clock, clerk: Caller, officer: Caller) -> Filing:
    """A case that waits for its decision, reviewed by the officer."""
    filing = await received(app, clock, clerk)
    await filing.act(clerk, "accept")
    await filing.act(clerk, "dispatch")
    await filing.act(officer, "sign_in")
    await filing.act(officer, "submit_review", opinion="符合条件", proposal="grant")
    return filing
