"""Files that are wrong inside: each gets its own verdict, in words, and nothing of it is kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.scan_verdicts import Limits
from tests.storage import hostile_files as hostile
from tests.storage.looking import look

PAGE = hostile.picture(310, 438)
JPEG = hostile.coded(PAGE, "JPEG")
BILEVEL = PAGE.convert("1")
XML = hostile.INVOICE
BAD = {
    "header-only": (b"%PDF-1.7\nnothing else\n", "file_without_pages"),
    "no-page": (hostile.pdf(pages=0), "file_without_pages"),
    "password": (hostile.pdf(lambda writer: writer.encrypt("secret")), "file_encrypted"),
    "owner-password": (hostile.pdf(lambda writer: writer.encrypt("", "owner")), "file_encrypted"),
    "501-pages": (hostile.pdf(pages=501), "too_many_pages"),
    "page-bomb": (hostile.pdf(size=(35_000, 35_000)), "page_too_large"),
    "picture-bomb": (hostile.pdf(hostile.holds_a_picture_bomb), "page_too_large"),
    "png-bomb": (hostile.bilevel_png(35_000, 35_000), "page_too_large"),
    "unpacking": (hostile.pdf(hostile.unpacks_without_end), "decompression_bomb"),
    "packed-twice": (hostile.pdf(hostile.is_packed_twice), "decompression_bomb"),
    "script": (hostile.pdf(hostile.runs_a_script_from_a_link), "pdf_script"),
    "launch": (hostile.pdf(hostile.launches_a_program), "pdf_launch"),
    "opens-another-file": (hostile.pdf(hostile.opens_a_file_elsewhere), "pdf_launch"),
    "calls-home-when-opened": (hostile.pdf(hostile.calls_home_when_opened), "pdf_launch"),
    "calls-home-from-a-page": (hostile.pdf(hostile.calls_home_from_a_page), "pdf_launch"),
    "form-action": (hostile.pdf(hostile.sends_a_form), "pdf_form_action"),
    "media": (hostile.pdf(hostile.plays_a_film), "pdf_media"),
    "xfa": (hostile.pdf(hostile.carries_an_xfa_form), "pdf_dynamic_form"),
    "circle": (hostile.pdf(hostile.runs_in_a_circle), "pdf_loop"),
    "program-inside": (hostile.pdf(hostile.attaches("a.exe", b"MZ")), "pdf_attachment"),
    "program-named-xml": (hostile.pdf(hostile.attaches("a.xml", b"MZ")), "pdf_attachment"),
    "xml-named-page": (hostile.pdf(hostile.attaches("a.html", XML)), "pdf_attachment"),
    "xml-with-entities": (
        hostile.pdf(hostile.attaches("a.xml", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>')),
        "pdf_attachment",
    ),
    "xml-with-script": (
        hostile.pdf(hostile.attaches("a.xml", b'<html xmlns="http://www.w3.org/1999/xhtml"><script/></html>')),
        "pdf_attachment",
    ),
    "pdf-and-archive": (hostile.pdf() + hostile.archive({"a.txt": b"b"}), "polyglot"),
    "pdf-and-long-archive": (hostile.pdf() + hostile.archive({"a.txt": b"b" * 5000}, 0), "polyglot"),
    "png-and-archive": (hostile.coded(PAGE, "PNG") + hostile.archive({"a.txt": b"b"}), "polyglot"),
    "jpeg-and-archive": (JPEG + hostile.archive({"a.class": b"b"}), "polyglot"),
    "jpeg-and-pdf": (JPEG[:20] + b"%PDF-1.4" + JPEG[20:], "polyglot"),
    "pdf-and-web-page": (hostile.pdf().replace(b"%PDF-1.3\n", b"%PDF-1.3\n%<script>x</script>\n", 1), "polyglot"),
    "twelve-bit": (hostile.twelve_bits(JPEG), "twelve_bit_image"),
    "animated-png": (
        hostile.coded(PAGE, "PNG", save_all=True, append_images=[BILEVEL.convert("RGB")]),
        "animated_image",
    ),
    "animated-webp": (hostile.coded(PAGE, "WEBP", save_all=True, append_images=[PAGE.rotate(9)]), "animated_image"),
    "no-ofd": (hostile.archive({"a.txt": b"b"}), "file_broken"),
    "ofd-bomb": (hostile.ofd(a=bytes(20_000_000)), "decompression_bomb"),
    "ofd-escapes": (hostile.ofd(**{"../a": b"b"}), "ofd_hazard"),
    "ofd-cut": (hostile.ofd()[:-30], "file_broken"),
}


@pytest.mark.parametrize(("data", "code"), BAD.values(), ids=BAD)
def test_a_file_that_is_wrong_inside_gets_its_own_verdict(tmp_path: Path, data: bytes, code: str) -> None:
    processed = look(tmp_path, data)
    assert (processed.verdict.code, processed.verdict.ok, processed.pages) == (code, False, ())
    assert processed.verdict.zh.endswith(("。", "）。", "）"))
    assert processed.verdict.en.endswith((".", ".)"))


def test_a_link_that_waits_for_a_click_bars_nothing(tmp_path: Path) -> None:
    assert look(tmp_path, hostile.pdf(hostile.links_to_a_page)).verdict.code == "ok"


@pytest.mark.parametrize("kept", [10, 50, 99])
@pytest.mark.parametrize("coding", ["JPEG", "PNG", "TIFF", "WEBP", "BMP", "HEIF", "PDF"])
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


def test_a_file_of_ten_thousand_pages_is_refused_at_once(tmp_path: Path) -> None:
    data = hostile.pdf(pages=2).replace(b"/Count 2", b"/Count 10001")
    assert look(tmp_path, data, Limits(cpu_seconds=2)).verdict.code == "too_many_pages"
