"""Documents over HTTP: printed by number, sampled before issue."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from io import BytesIO
from typing import Any
from urllib.parse import quote

from litestar import Litestar
from pypdf import PdfReader

from api.state import context_of
from engine.documents.drafting import render_documents
from tests.api.filing import received
from tests.api.hall import Caller, Clock, Unchanged, refused


def address(number: str, document: str) -> str:
    return f"/api/v1/cases/{number}/documents/{quote(document, safe='')}/content"


async def test_a_receipt_is_printed_from_its_number(
    app: Litestar, clock: Clock, clerk: Caller, officer: Caller
) -> None:
    filing = await received(app, clock, clerk)
    listed = (await clerk.get(f"/api/v1/cases/{filing.number}/documents")).json()
    (document,) = [row["number"] for row in listed if row["code"] == "D01"]
    path = address(filing.number, document)
    refused(await clerk.get(path), 409, "document_not_ready")
    await render_documents(context_of(app), filing.number, clock)
    first, second = await clerk.get(path), await officer.get(path)
    assert first.status_code == 200
    assert first.headers["content-type"] == "application/pdf"
    assert first.headers["etag"] == f'"{hashlib.sha256(first.content).hexdigest()}"'
    assert first.headers["content-length"] == str(len(first.content))
    assert first.headers["cache-control"] == "no-store"
    assert quote("收件凭证") in first.headers["content-disposition"]
    assert first.content == second.content
    assert document in PdfReader(BytesIO(first.content)).pages[0].extract_text().replace(" ", "")
    names = [row["name"] for row in (await clerk.get(f"/api/v1/cases/{filing.number}/events")).json()["items"]]
    assert names[-3:] == ["document:rendered", "document:printed", "document:printed"]


async def test_documents_of_others_and_unknown_ones_are_not_there(
    app: Litestar, clock: Clock, clerk: Caller, other_officer: Caller
) -> None:
    filing = await received(app, clock, clerk)
    listed = (await clerk.get(f"/api/v1/cases/{filing.number}/documents")).json()
    refused(await other_officer.get(address(filing.number, listed[0]["number"])), 404, "case_not_found")
    for strange in ("示市监受〔2026〕999号", "D01", "%"):
        refused(await clerk.get(address(filing.number, strange)), 404, "document_not_found")


async def test_a_sample_shows_what_an_act_would_issue_and_writes_nothing(
    app: Litestar, clock: Clock, clerk: Caller, unchanged: Callable[[], Unchanged]
) -> None:
    filing = await received(app, clock, clerk)
    path = f"/api/v1/cases/{filing.number}/actions/accept/preview"
    match = {"If-Match": f'"{filing.version}"'}
    async with unchanged():
        sample = await clerk.post(path, {}, headers=match)
        wrong: dict[str, Any] = {"nothing": 1}
        refused(await clerk.post(path, wrong, headers=match), 422, "payload_invalid")
        refused(await clerk.post(path, {}, headers={"If-Match": '"1"'}), 412, "case_changed")
        refused(await clerk.post(path.replace("accept", "fly"), {}, headers=match), 404, "action_unknown")
    assert (sample.status_code, sample.headers["content-type"]) == (200, "application/pdf")
    assert "受理通知书" in PdfReader(BytesIO(sample.content)).pages[0].extract_text().replace(" ", "")
