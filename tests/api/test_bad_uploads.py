"""Uploads that must be refused: nothing is kept of them, and the answer says what to do."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from tests.api.filing import picture
from tests.api.hall import PDF, Caller, Unchanged, refused

Quiet = Callable[[], Unchanged]
LINE = "M01"


async def test_an_empty_file_is_refused(clerk: Caller, unchanged: Quiet) -> None:
    number = await clerk.open_case()
    async with unchanged():
        refused(await clerk.upload(number, LINE, b""), 422, "empty_file")


async def test_a_file_over_the_limit_is_refused(clerk: Caller, unchanged: Quiet) -> None:
    number = await clerk.open_case()
    async with unchanged():
        body = refused(await clerk.upload(number, LINE, PDF + b"\0" * 50 * 2**20), 413, "file_too_large")
    assert body["max_bytes"] == 50 * 2**20


@pytest.mark.parametrize(
    ("name", "kind", "content", "code"),
    [
        ("scan.pdf", "application/pdf", picture(), "type_mismatch"),
        ("scan.jpg", "image/png", picture(), "type_mismatch"),
        ("scan.exe", "application/octet-stream", b"MZ" + bytes(100), "type_not_accepted"),
        ("page.html", "text/html", b"<script>alert(1)</script>", "type_not_accepted"),
    ],
)
async def test_a_file_that_lies_about_its_type_is_refused(
    clerk: Caller, unchanged: Quiet, *, name: str, kind: str, content: bytes, code: str
) -> None:
    number = await clerk.open_case()
    async with unchanged():
        refused(await clerk.upload(number, LINE, content, name=name, kind=kind), 415, code)


@pytest.mark.parametrize(
    "name", ["../../etc/passwd.pdf", "temp\\scan.pdf", "/etc/cron.d/x.pdf", "..", "a\u202efdp.pdf"]
)
async def test_a_path_in_a_file_name_is_refused(clerk: Caller, unchanged: Quiet, name: str) -> None:
    number = await clerk.open_case()
    async with unchanged():
        refused(await clerk.upload(number, LINE, PDF, name=name), 422, "unsafe_file_name")


async def test_a_line_that_is_not_on_the_list_takes_no_file(clerk: Caller, unchanged: Quiet) -> None:
    number = await clerk.open_case()
    async with unchanged():
        for line in ("M99", "M06", "x" * 500):
            refused(await clerk.upload(number, line, PDF), 409, "material_not_on_list")


async def test_a_role_without_papers_uploads_none(clerk: Caller, reviewer: Caller, unchanged: Quiet) -> None:
    number = await clerk.open_case()
    payload = {"materials": [{"line": "M02", "exempt": "e_cert"}]}
    assert (await clerk.act(number, "receive", 1, body=payload)).status_code == 200
    async with unchanged():
        refused(await reviewer.upload(number, LINE, PDF), 403, "role_not_allowed")


async def test_a_case_that_is_over_takes_no_file(clerk: Caller, unchanged: Quiet) -> None:
    number = await clerk.open_case()
    assert (await clerk.act(number, "withdraw", 1, body={"reason": "不办了", "signed": True})).status_code == 200
    async with unchanged():
        refused(await clerk.upload(number, LINE, PDF), 409, "case_closed")


async def test_a_request_without_a_file_part_is_refused(clerk: Caller, unchanged: Quiet) -> None:
    number = await clerk.open_case()
    path = f"/api/v1/cases/{number}/materials/{LINE}/scans"
    async with unchanged():
        answer = await clerk.http.post(path, files={"picture": ("a.pdf", PDF)}, headers=clerk.headers)
        refused(answer, 422, "file_missing")
        two = [("file", ("a.pdf", PDF)), ("file", ("b.pdf", PDF))]
        refused(await clerk.http.post(path, files=two, headers=clerk.headers), 422, "one_file_only")
        refused(await clerk.post(path, {"file": "x"}), 415, "multipart_needed")
        headers = clerk.headers | {"Content-Type": "multipart/form-data"}
        refused(await clerk.http.post(path, content=b"x", headers=headers), 415, "multipart_needed")


async def test_a_body_that_ends_too_early_is_refused(clerk: Caller, unchanged: Quiet) -> None:
    number = await clerk.open_case()
    head = b'--B\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    headers = clerk.headers | {"Content-Type": "multipart/form-data; boundary=B"}
    path = f"/api/v1/cases/{number}/materials/{LINE}/scans"
    async with unchanged():
        for body in (head + PDF, head, b"", b"garbage", head + PDF + b"\r\n--B"):
            refused(await clerk.http.post(path, content=body, headers=headers), 422, "upload_incomplete")


async def test_a_repeated_upload_is_kept_once_and_its_key_serves_no_other(
    clerk: Caller, http: httpx.AsyncClient, unchanged: Quiet
) -> None:
    number = await clerk.open_case()
    key = {"Idempotency-Key": "scan-1"}
    first = await clerk.upload(number, LINE, PDF, headers=key)
    assert first.status_code == 201
    async with unchanged():
        again = await clerk.upload(number, LINE, PDF, headers=key)
        assert again.json() == first.json()
        refused(await clerk.upload(number, LINE, PDF + b"\n", headers=key), 422, "key_reused")
        refused(
            await clerk.upload(number, LINE, PDF, headers={"Idempotency-Key": "a b"}), 422, "idempotency_key_malformed"
        )
    scans = (await clerk.get(f"/api/v1/cases/{number}/scans")).json()
    assert [scan["id"] for scan in scans] == [first.json()["scan"]]
    refused(await clerk.get(f"/api/v1/scans/{first.json()['scan']}/content"), 409, "scan_not_judged")
