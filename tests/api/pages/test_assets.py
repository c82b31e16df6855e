"""Styles and scripts go over the wire once and small; pages, which hold secrets, are never compressed."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

import httpx
import pytest

from api.pages.assets import installed, static_url
from tests.api.pages.browser import Browser
from tests.factories import Story

At = Callable[..., Awaitable[Browser]]
Bring = Callable[..., Awaitable[Story]]
ADDRESS = re.compile(r'(?:src|href|data-script)="(/static/[^"]+)"')


@pytest.mark.parametrize("name", ["app.css", "app.js", "htmx.js", "echarts.js"])
async def test_a_file_is_small_on_the_wire_and_whole_after_it(http: httpx.AsyncClient, name: str) -> None:
    assert installed(name), "install the scripts first: make install"
    packed = await http.get(static_url(name), headers={"Accept-Encoding": "gzip, deflate, br"})
    plain = await http.get(static_url(name), headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.content == plain.content
    assert packed.num_bytes_downloaded < 0.45 * plain.num_bytes_downloaded
    assert packed.headers["Content-Type"] == plain.headers["Content-Type"]
    assert packed.headers["ETag"] != plain.headers["ETag"]
    for answer in (packed, plain):
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("accepted", ["gzip;q=0", "gzip ; q=0.0, br", "br", ""])
async def test_who_cannot_unpack_gets_the_file_as_it_is(http: httpx.AsyncClient, accepted: str) -> None:
    answer = await http.get(static_url("app.css"), headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert answer.text.startswith(("/*", ":root", "@", "*"))


async def test_a_browser_that_asks_again_is_sent_nothing(http: httpx.AsyncClient) -> None:
    first = await http.get(static_url("app.css"))
    again = await http.get(static_url("app.css"), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    changed = await http.get(static_url("app.css"), headers={"If-None-Match": '"another"'})
    assert changed.status_code == 200
    head = await http.head(static_url("app.css"))
    assert (head.status_code, head.headers["ETag"]) == (200, first.headers["ETag"])


@pytest.mark.parametrize("name", ["nothing.css", "..%2fapp.py", "%2e%2e/app.py", "app.css/", "a" * 3000, "%00"])
async def test_nothing_but_these_files_is_given_out(http: httpx.AsyncClient, name: str) -> None:
    answer = await http.get(f"/static/{name}")
    assert answer.status_code in {404, 200}
    assert answer.status_code == 404 or name == "app.css/"
    assert "import" not in answer.text


async def test_pages_are_not_compressed(at_desk: At, case_in: Bring) -> None:
    story, clerk = await case_in("REVIEW"), await at_desk("clerk")
    for address in ("/", f"/cases/{story.number}", "/sign-in", "/status"):
        answer = await clerk.http.get(address, headers={"Accept-Encoding": "gzip, br"})
        assert answer.status_code == 200
        assert "Content-Encoding" not in answer.headers, address


@pytest.mark.parametrize("address", ["/", "/cases/new", "/cases/{number}", "/sign-in"])
async def test_a_first_visit_is_small_and_a_second_fetches_nothing_but_the_page(
    at_desk: At, case_in: Bring, address: str
) -> None:
    story, clerk = await case_in("REVIEW"), await at_desk("clerk")
    kept: dict[str, int] = {}

    async def visit() -> int:
        page = await clerk.http.get(address.format(number=story.number))
        sent = page.num_bytes_downloaded
        for file in set(ADDRESS.findall(page.text)) - set(kept):
            answer = await clerk.http.get(file)
            assert "immutable" in answer.headers["Cache-Control"]
            kept[file] = answer.num_bytes_downloaded
            sent += kept[file]
        return sent

    first, second = await visit(), await visit()
    assert first - second == sum(kept.values()) > 0
    assert first < 100_000
