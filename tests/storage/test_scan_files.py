"""An upload arrives, is judged from outside and inside, and becomes pages."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from PIL import Image

from storage.file_kinds import FileKind, safe_name
from storage.scan_files import Received, UploadSink, process
from storage.scan_readers import READERS, Readers
from storage.scan_verdicts import Limits, Processed
from tests.storage import hostile_files as hostile
from tests.storage.looking import look
from workflows.errors import Malformed, TooLarge, Unavailable, Unsupported, YichuangError

PAGE = hostile.picture()
BILEVEL = PAGE.convert("1")
JPEG = hostile.coded(PAGE, "JPEG")


def receive(
    directory: Path, data: bytes, name: str = "scan.jpg", declared: str | None = None, chunk: int = 1000
) -> Received:
    with UploadSink(directory) as sink:
        for start in range(0, len(data), chunk):
            sink.feed(data[start : start + chunk])
        received = sink.finish(declared, name)
        assert received.path.read_bytes() == data
    return received


# Receiving


@pytest.mark.parametrize("chunk", [1, 7, 5000, 10**6])
def test_an_upload_in_pieces_keeps_its_bytes_size_and_digest(tmp_path: Path, chunk: int) -> None:
    received = receive(tmp_path, JPEG, "营业执照.JPG", "image/jpeg", chunk)
    assert (received.size, received.kind, received.name) == (len(JPEG), FileKind.jpeg, "营业执照.JPG")
    assert received.sha256 == hashlib.sha256(JPEG).hexdigest()


def test_nothing_of_an_upload_is_ever_left_in_the_folder(tmp_path: Path) -> None:
    with UploadSink(tmp_path) as sink:
        sink.feed(JPEG)
        assert sink.finish("image/jpeg", "a.jpg").path.stat().st_size == len(JPEG)
        assert list(tmp_path.iterdir()) == []


def test_a_file_over_the_limit_is_stopped_at_the_first_byte_too_many(tmp_path: Path) -> None:
    with UploadSink(tmp_path, max_bytes=10) as sink:
        sink.feed(b"%PDF-12345")
        with pytest.raises(TooLarge) as refusal:
            sink.feed(b"6")
    assert refusal.value.code == "file_too_large"


@pytest.mark.parametrize(
    ("data", "name", "declared", "code"),
    [
        (b"", "a.pdf", None, "empty_file"),
        (b"GIF89a" + bytes(50), "a.gif", "image/gif", "gif_not_accepted"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "image/svg+xml", "svg_not_accepted"),
        (b"PK\3\4" + bytes(50), "a.docx", None, "office_not_accepted"),
        (b"\xd0\xcf\x11\xe0" + bytes(50), "a.doc", None, "office_not_accepted"),
        (b"PK\3\4" + bytes(50), "a.zip", "application/zip", "archive_not_accepted"),
        (b"PK\3\4" + bytes(50), "a.pdf", "application/ofd", "type_mismatch"),
        (b"\0\0\0\x18ftypavif\0\0\0\0avifmif1", "a.heic", None, "type_not_accepted"),
        (b"BM is how this plain text begins, and it is no bitmap", "a.bmp", None, "type_not_accepted"),
        (b"\n%PDF-1.7", "a.pdf", None, "pdf_preceded"),
        (b"\xef\xbb\xbf%PDF-1.7", "a.pdf", "application/pdf", "pdf_preceded"),
        (JPEG, "a.pdf", None, "type_mismatch"),
        (JPEG, "a.exe", "image/jpeg", "type_mismatch"),
        (JPEG, "a.jpg", "application/pdf", "type_mismatch"),
        (JPEG, "../../etc/passwd.jpg", None, "unsafe_file_name"),
        (JPEG, "C:\\scan.jpg", None, "unsafe_file_name"),
        (JPEG, "a\0.jpg", None, "unsafe_file_name"),
        (JPEG, "gpj.\u202eexe.jpg", None, "unsafe_file_name"),
        (JPEG, "a" * 297 + ".jpg", None, "unsafe_file_name"),
        (JPEG, "..", None, "unsafe_file_name"),
    ],
)
def test_an_upload_that_is_wrong_outside_is_refused(
    tmp_path: Path, data: bytes, name: str, declared: str | None, code: str
) -> None:
    with pytest.raises(YichuangError) as refusal:
        receive(tmp_path, data, name, declared)
    assert refusal.value.code == code
    assert isinstance(refusal.value, Malformed | Unsupported)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("name", "declared", "shown"),
    [
        ("a.jpg", None, "a.jpg"),
        ("a.JPEG", "image/jpg; q=1", "a.JPEG"),
        ("1.营业执照", "application/octet-stream", "1.营业执照"),
        ("", "", "scan.jpg"),
        (" 申请表 .jpg ", None, "申请表 .jpg"),
    ],
)
def test_a_file_that_claims_nothing_else_is_taken(tmp_path: Path, name: str, declared: str, shown: str) -> None:
    assert receive(tmp_path, JPEG, name, declared).name == shown


def test_a_name_is_normalised_so_that_equal_names_are_equal() -> None:
    assert safe_name("e\u0301.pdf") == "é.pdf"


# Limits


def test_a_file_of_more_frames_than_allowed_is_refused_without_counting_them_all(tmp_path: Path) -> None:
    frames = [BILEVEL.resize((20, 20))] * 4
    data = hostile.coded(frames[0], "TIFF", save_all=True, append_images=frames[1:])
    assert look(tmp_path, data, Limits(max_pages=3)).verdict.code == "too_many_pages"


def test_a_file_that_takes_too_long_costs_its_child_only(tmp_path: Path) -> None:
    limits = Limits(seconds=1, seconds_per_page=0, memory_bytes=4 * 1024**3)
    verdict = look(tmp_path, hostile.pdf(hostile.draws_without_end), limits).verdict
    assert (verdict.code, verdict.pages) == ("processing_limit", 0)


def test_a_file_that_never_comes_costs_its_child_only(tmp_path: Path) -> None:
    pipe, pages = tmp_path / "pipe", tmp_path / "pages"
    os.mkfifo(pipe)
    pages.mkdir()
    verdict = process(pipe, FileKind.jpeg, pages, Limits(seconds=1, max_pages=1)).verdict
    assert (verdict.code, verdict.detail) == ("processing_limit", "SIGALRM")


def test_a_file_that_wants_too_much_memory_costs_its_child_only(tmp_path: Path) -> None:
    data = hostile.coded(Image.new("RGB", (9000, 9000)), "PNG", compress_level=1)
    assert look(tmp_path, data, Limits(memory_bytes=256 * 1024**2)).verdict.code == "processing_limit"


def test_a_child_killed_from_outside_is_no_verdict_and_held_no_secret_of_its_parent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("YICHUANG_SECRET", "drowssap")
    with ThreadPoolExecutor() as threads:
        running = threads.submit(look, tmp_path, hostile.pdf(hostile.draws_without_end))
        child = next(found for found in iter(lambda: reader(running), ()) if found)
        assert "YICHUANG_SECRET" not in child.environ()
        child.kill()
    with pytest.raises(Unavailable) as interruption:
        running.result()
    assert interruption.value.code == "processing_interrupted"


def test_a_good_file_is_not_called_broken_because_its_pages_have_no_place(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(JPEG)
    with pytest.raises(Unavailable) as interruption:
        process(path, FileKind.jpeg, tmp_path / "a folder that is gone")
    assert interruption.value.code == "processing_interrupted"


def reader(running: Future[Processed]) -> psutil.Process | None:
    """The process that reads the file, once it is there: the warden's child."""
    assert not running.done(), running.result()
    pid = READERS.pid()
    found = [] if pid is None else psutil.Process(pid).children(recursive=True)
    wards = [one for one in found if one.ppid() != pid]
    return wards[0] if wards else None


def test_readers_go_on_when_the_process_that_forks_them_is_gone(tmp_path: Path) -> None:
    (tmp_path / "before").mkdir()
    assert look(tmp_path / "before", JPEG).verdict.ok
    pid = READERS.pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    psutil.Process(pid).wait(5)
    (tmp_path / "after").mkdir()
    assert look(tmp_path / "after", JPEG).verdict.ok
    assert READERS.pid() != pid


def test_no_reader_outlives_the_worker_that_wanted_the_file_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(hostile.pdf(hostile.draws_without_end))
    (tmp_path / "pages").mkdir()
    program = (
        "import sys; from pathlib import Path; from storage.scan_files import process;"
        "from storage.file_kinds import FileKind; folder = Path(sys.argv[1]);"
        "process(folder / 'file', FileKind.pdf, folder / 'pages')"
    )
    with subprocess.Popen([sys.executable, "-c", program, str(tmp_path)], stdin=subprocess.DEVNULL) as worker:
        family: list[psutil.Process] = []
        while len(family) < 3:  # server, warden, reader
            family = psutil.Process(worker.pid).children(recursive=True)
            assert worker.poll() is None
        worker.kill()
    assert psutil.wait_procs(family, timeout=10)[1] == []


def test_a_file_that_may_only_be_read_is_enough(tmp_path: Path) -> None:
    path, pages = tmp_path / "file", tmp_path / "pages"
    path.write_bytes(JPEG)
    path.chmod(0o400)
    pages.mkdir()
    assert process(path, FileKind.jpeg, pages).verdict.ok
    assert path.read_bytes() == JPEG
    assert sorted(file.name for file in pages.iterdir()) == ["1-screen.jpg", "1-thumbnail.jpg", "1.jpg"]


TAKEN_OVER = """
import os, socket
line = socket.socket(fileno=0)
while (given := socket.recv_fds(line, 1, 2))[0]:
    order = socket.socket(fileno=given[1][0])
    order.recv(65536)
    os.write(given[1][1], open({said!r}, "rb").read())
    order.sendall(b"0")
    order.close()
    os.close(given[1][1])
"""


@pytest.mark.parametrize(
    "said",
    [
        "",
        "{}",
        '{"code": "fine"}',
        '{"code": "ok", "pages": 1}',
        '{"code": "ok", "pages": []}',
        '{"code": "ok", "pages": [{"width": 9, "height": 9}]}',
        '{"code": "ok_without_preview"}',
        '{"x":' + "[" * 10**6,
    ],
    ids=["nothing", "empty", "unknown", "number", "pageless", "not drawn", "no preview of a picture", "deep"],
)
def test_a_reader_that_a_file_took_over_cannot_upset_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    (tmp_path / "storage").mkdir()
    (tmp_path / "storage" / "__init__.py").touch()
    (tmp_path / "said").write_text(said)
    (tmp_path / "storage" / "scan_server.py").write_text(TAKEN_OVER.format(said=str(tmp_path / "said")))
    readers = Readers(tmp_path)
    monkeypatch.setattr("storage.scan_files.READERS", readers)
    monkeypatch.chdir(tmp_path)
    try:
        verdict = look(tmp_path, JPEG).verdict
    finally:
        readers.stop()
    assert (verdict.code, verdict.detail) == ("file_broken", "no answer")
