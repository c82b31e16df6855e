"""What the tests of the JSON interface share: callers, an application to file, and proof that nothing was written."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import asyncpg
import httpx
from litestar import Litestar

from engine import identity
from engine.context import Context
from workflows.actor import Role
from workflows.item import load_catalogue

FOOD = next(item for item in load_catalogue() if item.name.startswith("食品经营许可"))
FIRM = {
    "kind": "organisation",
    "name": "示例餐饮有限公司",
    "id_kind": "uscc",
    "id_number": "91350100M000100Y43",
    "mobile": "13800000000",
    "address": "海南省海口市示例路1号",
}
OPENING = {"item": FOOD.code, "applicant": FIRM}
E_CERT = next(line.code for line in FOOD.materials if line.e_cert)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
"""Begins like a PDF; whether it can be opened is for a worker to say."""


class Clock:
    """The server's time as the test sets it, UTC."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **amount: float) -> None:
        self.now += timedelta(**amount)


@dataclass
class Caller:
    """A machine client acting for one person in one role."""

    http: httpx.AsyncClient
    token: str
    token_id: str
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.headers = {"Authorization": f"Bearer {self.token}"}

    async def get(self, path: str, **options: Any) -> httpx.Response:
        headers = self.headers | options.pop("headers", {})
        return await self.http.get(path, headers=headers, **options)

    async def post(self, path: str, body: Any = None, **options: Any) -> httpx.Response:
        headers = self.headers | options.pop("headers", {})
        return await self.http.post(path, json=body, headers=headers, **options)

    async def delete(self, path: str) -> httpx.Response:
        return await self.http.delete(path, headers=self.headers)

    async def open_case(self, **changes: Any) -> str:
        answer = await self.post("/api/v1/cases", OPENING | changes)
        assert answer.status_code == 201, answer.text
        number: str = answer.json()["case"]
        return number

    async def act(self, number: str, action: str, version: int | None, /, **options: Any) -> httpx.Response:
        headers = options.pop("headers", {})
        if version is not None:
            headers["If-Match"] = f'"{version}"'
        return await self.post(f"/api/v1/cases/{number}/actions/{action}", options.pop("body", {}), headers=headers)

    async def upload(self, number: str, line: str, content: bytes, **options: Any) -> httpx.Response:
        name, kind = options.pop("name", "scan.pdf"), options.pop("kind", "application/pdf")
        return await self.http.post(
            f"/api/v1/cases/{number}/materials/{line}/scans",
            files={"file": (name, content, kind)},
            headers=self.headers | options.pop("headers", {}),
        )


async def caller(http: httpx.AsyncClient, login: str, role: Role, organisation: str, now: datetime) -> Caller:
    """Somebody of the sample hall with a fresh token."""
    issued = await identity.issue_token(login, role, organisation, f"test {login}", now)
    return Caller(http, issued.token, str(issued.id))


def over(app: Litestar) -> httpx.ASGITransport:
    """The application without a socket between; a fault of ours is answered as a client would see it."""
    return httpx.ASGITransport(app=cast("Any", app), raise_app_exceptions=False)


def refused(answer: httpx.Response, status: int, code: str) -> dict[str, Any]:
    """Assert a refusal in its proper form; the problem document."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"].startswith("application/problem+json")
    body: dict[str, Any] = answer.json()
    assert body["code"] == code, body
    assert body["status"] == status
    assert body["detail"]
    assert body["title"]
    return body


class Unchanged:
    """Proof that a block wrote nothing: every row of every table and every incoming object is as before.

    The trace of the refused attempt itself is allowed where it is meant: failures counted on the account, and in the
    tables that the test names.
    """

    def __init__(self, superuser: str, context: Context, but: tuple[str, ...] = ()) -> None:
        self._url, self._context, self._but = superuser, context, set(but)
        self._before: dict[str, str] = {}

    async def __aenter__(self) -> None:
        self._before = await self._contents()

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            after = await self._contents()
            changed = {name for name in after if after[name] != self._before[name]} - self._but
            assert not changed, f"written: {changed}"

    async def _contents(self) -> dict[str, str]:
        connection = await asyncpg.connect(self._url)
        try:
            names = [row["name"] for row in await connection.fetch(_TABLES)]
            contents = {name: await connection.fetchval(_DIGEST.format(name)) for name in names}
        finally:
            await connection.close()
        far = datetime.now(UTC) + timedelta(days=1)
        contents["incoming objects"] = str(sorted(one.key for one in self._context.objects.list_incoming(far)))
        return contents


_TABLES = "SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'"
_DIGEST = "SELECT count(*) || ':' || coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '') FROM {} t"
