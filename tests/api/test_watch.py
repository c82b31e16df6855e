"""A scanner's folder, watched: everything arrives once, whatever falls over; bad files come back with their reason."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from litestar import Litestar

from api.cli.watching import JOURNAL, Watch
from tests.api.filing import picture
from tests.api.hall import Caller, Clock, over
from tests.api.paper import Desk, jpeg, leaf, pdf, sheets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The share that the scanner writes into."""
    place = tmp_path / "scanner"
    place.mkdir()
    return place


class Cut(httpx.AsyncBaseTransport):
    """A network that breaks after so many requests: the answer is lost, though the server has done the work."""

    def __init__(self, inner: httpx.AsyncBaseTransport, after: int) -> None:
        self.inner, self.left = inner, after

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        answer = await self.inner.handle_async_request(request)
        self.left -= 1
        if self.left < 0:
            raise httpx.ReadError("cut", request=request)
        return answer


@pytest.fixture
def watched(app: Litestar, clerk: Caller, folder: Path) -> Callable[[int], Watch]:
    """A fresh process on the folder, whose network breaks after so many requests."""

    def begin(after: int = 1000) -> Watch:
        http = httpx.AsyncClient(transport=Cut(over(app), after), base_url="http://hall.test", headers=clerk.headers)
        return Watch(folder, http, {}, 2**20)

    return begin


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith("."))


async def test_what_a_scanner_writes_arrives_once_though_every_answer_may_be_lost(
    app: Litestar, clock: Clock, clerk: Caller, folder: Path, watched: Callable[[int], Watch]
) -> None:
    number = await clerk.open_case()
    sheet = (await sheets(clerk, number, "M03"))[0]
    (folder / "01.jpg").write_bytes(jpeg(sheet))
    (folder / "02.pdf").write_bytes(pdf([leaf(2), leaf(3)]))
    (folder / "03.jpg").write_bytes(picture()[:-400])
    (folder / "04.exe").write_bytes(b"MZ" + bytes(100))
    (folder / "05.jpg").write_bytes(picture())
    (folder / "06.jpg").write_bytes(picture())
    (folder / "07.pdf").write_bytes(bytes(2**20 + 1))
    (folder / "08.pdf").touch()
    (folder / "half.jpg.part").write_bytes(b"\xff\xd8")
    (folder / "inside").mkdir()
    (folder / "link.jpg").symlink_to("/etc/hostname")
    broken = 0
    for _ in range(12):  # processes that fall over whenever they have had one answer
        watch = watched(1)
        try:
            for _ in range(2):
                await watch.step()
        except httpx.HTTPError:
            broken += 1
        await watch.http.aclose()
    assert broken > 5
    desk, watch = Desk(app, clock, clerk), watched(1000)
    await desk.work()
    await watch.step()
    assert names(folder / "done") == ["01.jpg", "02.pdf", "05.jpg"]
    assert names(folder / "refused") == [
        "03.jpg", "03.jpg.txt", "04.exe", "04.exe.txt", "06.jpg", "06.jpg.txt", "07.pdf", "07.pdf.txt", "08.pdf",
        "08.pdf.txt",
    ]  # fmt: skip
    assert all(path.read_text("utf-8").strip() for path in (folder / "refused").glob("*.txt"))
    assert names(folder) == ["done", "half.jpg.part", "inside", "link.jpg", "refused"]
    assert not (folder / JOURNAL).exists()
    listed = (await clerk.get("/api/v1/capture/batches")).json()
    assert [row["files"] for row in listed] == [5]
    assert [page for _, page in (await desk.pages(number))["M03"]] == [1, 2, 1]
    (folder / "02-again.pdf").write_bytes((folder / "done" / "02.pdf").read_bytes())
    for _ in range(2):
        await watch.step()
    assert "02-again.pdf.txt" in names(folder / "refused")
    assert len((await clerk.get("/api/v1/capture/batches")).json()) == 1
    await watch.http.aclose()


async def test_a_file_that_still_grows_waits_and_the_rest_with_it(
    clerk: Caller, folder: Path, watched: Callable[[int], Watch]
) -> None:
    watch = watched(1000)
    (folder / "1.jpg").write_bytes(picture())
    await watch.step()
    for size in (100, 200):
        (folder / "2.jpg").write_bytes(picture()[:size])
        await watch.step()
        assert (await clerk.get("/api/v1/capture/batches")).json() == []
    (folder / "2.jpg").write_bytes(jpeg(leaf(9)))
    for _ in range(2):
        await watch.step()
    assert [row["files"] for row in (await clerk.get("/api/v1/capture/batches")).json()] == [2]
    await watch.http.aclose()
