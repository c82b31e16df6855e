"""An upload arrives, is judged from outside and inside, and becomes pages."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
from PIL import Image

from storage.file_kinds import FileKind, safe_name, sniff
from storage.scan_files import Received, UploadSink, process
from storage.scan_verdicts import Limits, Processed
from tests.storage import hostile_files as hostile
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


def look(tmp_path: Path, data: bytes, limits: Limits | None = None) -> Processed:
    path, pages = tmp_path / "file", tmp_path / "pages"
    path.write_bytes(data)
    pages.mkdir()
    kind = sniff(data[:32])
    assert kind is not None
    return process(path, kind, pages, limits)


def colour(image: Image.Image, x: int, y: int) -> tuple[int, int, int]:
    """The colour of the point as red, green and blue from 0 to 255."""
    red, green, blue = image.convert("RGB").crop((x, y, x + 1, y + 1)).tobytes()
    return red, green, blue


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
        (b"GIF89a" + bytes(50), "a.gif", "image/gif", "type_not_accepted"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "a.svg", "image/svg+xml", "type_not_accepted"),
        (b"BM is how this plain text begins, and it is no bitmap", "a.bmp", None, "type_not_accepted"),
        (b"\n%PDF-1.7", "a.pdf", None, "type_not_accepted"),
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


# Pages


@pytest.mark.parametrize(
    "data",
    [
        JPEG,
        hostile.coded(PAGE.convert("CMYK"), "JPEG"),
        hostile.coded(PAGE, "PNG"),
        hostile.coded(PAGE.convert("P"), "PNG"),
        hostile.coded(PAGE, "WEBP"),
        hostile.coded(PAGE, "BMP"),
        hostile.coded(PAGE, "TIFF", compression="tiff_lzw"),
        hostile.coded(PAGE, "TIFF", compression="jpeg"),
        hostile.coded(PAGE, "PDF"),
    ],
    ids=["jpeg", "cmyk", "png", "palette", "webp", "bmp", "lzw", "jpeg-in-tiff", "pdf"],
)
def test_every_accepted_kind_becomes_a_page_and_a_thumbnail(tmp_path: Path, data: bytes) -> None:
    processed = look(tmp_path, data)
    assert (processed.verdict.code, processed.verdict.pages) == ("ok", 1)
    (page,) = processed.pages
    with Image.open(page.image) as image, Image.open(page.thumbnail) as thumbnail:
        assert image.format == thumbnail.format == "JPEG"
        assert image.size == (page.width, page.height)
        assert thumbnail.width == 240
        red, green, blue = colour(image, image.width // 4, image.height // 8)
        assert red > 150
        assert max(green, blue) < 90


@pytest.mark.parametrize("compression", ["group3", "group4"])
def test_a_fax_coded_file_of_several_frames_keeps_their_order(tmp_path: Path, compression: str) -> None:
    frames = [Image.new("1", (400, 100 * n), 1) for n in (1, 2, 3)]
    data = hostile.coded(frames[0], "TIFF", save_all=True, append_images=frames[1:], compression=compression)
    pages = look(tmp_path, data).pages
    assert [(page.number, page.height) for page in pages] == [(1, 100), (2, 200), (3, 300)]


@pytest.mark.parametrize("coding", ["PNG", "TIFF"])
def test_sixteen_bits_a_channel_keep_their_greys(tmp_path: Path, coding: str) -> None:
    deep = Image.linear_gradient("L").convert("I").point(lambda value: value * 257).convert("I;16")
    (page,) = look(tmp_path, hostile.coded(deep, coding)).pages
    with Image.open(page.image) as image:
        for row in (0, 128, 255):
            grey = image.getpixel((9, row))
            assert isinstance(grey, int)
            assert abs(grey - row) <= 3


def test_what_is_transparent_is_shown_on_white(tmp_path: Path) -> None:
    (page,) = look(tmp_path, hostile.coded(Image.new("RGBA", (50, 50), (200, 0, 0, 0)), "PNG")).pages
    with Image.open(page.image) as image:
        assert image.getpixel((5, 5)) == (255, 255, 255)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_phone_photo_stands_upright_and_tells_nothing_of_its_place(tmp_path: Path, orientation: int) -> None:
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}
    lying = PAGE.transpose(Image.Transpose(turns[orientation])) if orientation in turns else PAGE
    tags = Image.Exif()
    tags[0x0112] = orientation
    tags[0x010F] = "maker"
    (page,) = look(tmp_path, hostile.coded(lying, "JPEG", exif=tags, comment=b"at home", quality=95)).pages
    assert (page.width, page.height) == PAGE.size
    with Image.open(page.image) as image:
        red, green, _ = colour(image, 150, 100)
        assert red > 190
        assert green < 60
        assert not image.getexif()
    assert b"at home" not in page.image.read_bytes()


@pytest.mark.parametrize(("wide", "shown"), [(800, 800), (1600, 1600), (2480, 1240), (3300, 1600)])
def test_a_page_is_shown_wide_enough_to_read_and_no_wider_than_needed(tmp_path: Path, wide: int, shown: int) -> None:
    (page,) = look(tmp_path, hostile.coded(Image.new("L", (wide, wide), 255), "JPEG")).pages
    assert (page.width, page.height) == (shown, shown)


# Refusals


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"%PDF-1.7\nnothing else\n", "file_broken"),
        (hostile.pdf(lambda writer: writer.encrypt("secret")), "file_encrypted"),
        (hostile.pdf(lambda writer: writer.encrypt("", "owner")), "file_encrypted"),
        (hostile.pdf(pages=501), "too_many_pages"),
        (hostile.pdf(size=(35_000, 35_000)), "page_too_large"),
        (hostile.pdf(hostile.holds_a_picture_bomb), "page_too_large"),
        (hostile.pdf(hostile.runs_a_script_from_a_link), "active_content"),
        (hostile.pdf(hostile.launches_a_program), "active_content"),
        (hostile.pdf(hostile.carries_an_xfa_form), "active_content"),
        (hostile.pdf(lambda writer: writer.add_attachment("a.exe", b"MZ")), "active_content"),
        (hostile.bilevel_png(35_000, 35_000), "page_too_large"),
        (
            hostile.coded(PAGE, "PNG", save_all=True, append_images=[BILEVEL.convert("RGB")]),
            "animated_image",
        ),
        (hostile.coded(PAGE, "WEBP", save_all=True, append_images=[PAGE.rotate(9)]), "animated_image"),
    ],
    ids=[
        "header-only",
        "password",
        "owner-password",
        "501-pages",
        "page-bomb",
        "picture-bomb",
        "script",
        "launch",
        "xfa",
        "attachment",
        "png-bomb",
        "animated-png",
        "animated-webp",
    ],
)
def test_a_file_that_is_wrong_inside_gets_its_own_verdict(tmp_path: Path, data: bytes, code: str) -> None:
    processed = look(tmp_path, data)
    assert (processed.verdict.ok, processed.verdict.code, processed.pages) == (False, code, ())
    assert processed.verdict.zh.endswith(("。", "）。"))
    assert processed.verdict.en


@pytest.mark.parametrize("kept", [10, 50, 99])
@pytest.mark.parametrize("coding", ["JPEG", "PNG", "TIFF", "WEBP", "BMP", "PDF"])
def test_a_file_that_was_cut_off_is_broken(tmp_path: Path, coding: str, kept: int) -> None:
    data = hostile.coded(PAGE, coding)
    assert look(tmp_path, data[: len(data) * kept // 100]).verdict.code == "file_broken"


@pytest.mark.parametrize(
    "data",
    [
        hostile.pdf(pages=3) + b"9 0 obj\n<</Length 9999>>\nstream\n" + b"x" * 4000,
        hostile.coded(PAGE, "PNG")[:-12],
    ],
    ids=["the later revision of a pdf is cut off", "a png without its end"],
)
def test_a_file_that_a_lenient_reader_would_take_is_broken_all_the_same(tmp_path: Path, data: bytes) -> None:
    assert look(tmp_path, data).verdict.code == "file_broken"


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
        child = next(found for found in iter(lambda: reading_child(running), ()) if found)
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


def reading_child(running: Future[Processed]) -> psutil.Process | None:
    """The child that reads the file, once it is there."""
    assert not running.done(), running.result()
    found = [c for c in psutil.Process().children() if "storage.scan_child" in c.cmdline()]
    return found[0] if found else None


def test_a_file_that_may_only_be_read_is_enough(tmp_path: Path) -> None:
    path, pages = tmp_path / "file", tmp_path / "pages"
    path.write_bytes(JPEG)
    path.chmod(0o400)
    pages.mkdir()
    assert process(path, FileKind.jpeg, pages).verdict.ok
    assert path.read_bytes() == JPEG
    assert sorted(file.name for file in pages.iterdir()) == ["1-thumb.jpg", "1.jpg"]


def test_a_child_that_a_file_took_over_cannot_upset_the_worker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    child = tmp_path / "storage" / "scan_child.py"
    child.parent.mkdir()
    (child.parent / "__init__.py").touch()
    monkeypatch.setattr("storage.scan_files._ROOT", tmp_path)
    monkeypatch.chdir(tmp_path)
    for number, said in enumerate(("", "{}", '{"code": "fine"}', '{"code": "ok", "sizes": 1}', '{"x":' + "[" * 10**6)):
        child.write_text(f"print({said!r})")
        (tmp_path / str(number)).mkdir()
        verdict = look(tmp_path / str(number), JPEG).verdict
        assert (verdict.code, verdict.detail) == ("file_broken", "no answer")
