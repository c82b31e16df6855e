"""Documents on paper: every kind set as PDF/A, read back letter by letter, in faces that have every character."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image
from pypdf import PdfReader
from pypdfium2 import PdfDocument

from engine.documents.typesetting import FACES, TEMPLATES, Typesetter
from tests.documents import AT, KINDS, samples, sheet, slip, source
from workflows.documents.content import content
from workflows.documents.source import Slip, Source
from workflows.errors import Conflict, DefinitionError, Unavailable

SAMPLES = samples()
CHOOSING = {"code", "kind", "mode", "step", "purpose", "on_overdue", "overdue", "scanned"}
"""Values that choose what is printed."""


@pytest.fixture(scope="module")
def setter() -> Typesetter:
    return Typesetter(FACES)


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def read(pdf: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(pdf)).pages))


def printed(values: Any, both: bool) -> list[str]:
    """The texts that must stand on the paper."""
    if isinstance(values, dict):
        kept = [inner for key, inner in values.items() if key not in CHOOSING and (both or not key.endswith("_en"))]
        return [text for inner in kept for text in printed(inner, both)]
    if isinstance(values, list):
        return [text for inner in values for text in printed(inner, both)]
    return [values] if isinstance(values, str) and values else []


def described(one: Source | Slip | str) -> str:
    if isinstance(one, str):
        return ""
    if isinstance(one, Slip):
        return f"{one.code}-slip"
    return f"{one.code}-{one.act}{'-en' if one.case['applicant']['kind'] == 'person' else ''}"


@pytest.mark.parametrize("one", SAMPLES, ids=described)
def test_what_is_stored_is_what_is_printed(one: Source, setter: Typesetter) -> None:
    values = content(one)
    text = read(setter.pdf(values, AT))
    assert [part for part in printed(values, values["both"]) if squeezed(part) not in text] == []


@pytest.mark.parametrize("one", SAMPLES, ids=described)
def test_every_document_is_pdf_a_with_its_faces_inside(one: Source, setter: Typesetter) -> None:
    file = PdfReader(BytesIO(setter.pdf(content(one), AT)))
    catalogue: Any = file.trailer["/Root"]
    xmp = catalogue["/Metadata"].get_object().get_data().decode()
    assert re.search(r"pdfaid:part>2<", xmp)
    assert re.search(r"pdfaid:conformance>B<", xmp)
    assert catalogue["/OutputIntents"][0]["/S"] == "/GTS_PDFA1"
    assert not file.is_encrypted
    for page in file.pages:
        assert (round(float(page.mediabox.width)), round(float(page.mediabox.height))) == (595, 842)
        fonts: Any = page["/Resources"].get_object()["/Font"]
        assert all(_embedded(font.get_object()) for font in fonts.values())


def _embedded(font: Any) -> bool:
    inner = font["/DescendantFonts"][0].get_object()["/FontDescriptor"]
    return "/ToUnicode" in font and bool({"/FontFile2", "/FontFile3"} & set(inner))


@pytest.mark.parametrize("name", ["𠮷㛃䶮", "𪚥𫠊𬺰", "阿卜杜拉·买买提", "Nguyễn Thị Ánh", "Łukasz Œuvré", "Иванов"])
def test_a_rare_name_is_printed_with_its_own_characters(name: str, setter: Typesetter) -> None:
    one = source("D05")
    values = content(one) | {"applicant": name}
    assert squeezed(name) in read(setter.pdf(values, AT))


def test_a_character_that_no_face_has_is_named_before_printing(setter: Typesetter) -> None:
    values = content(source("D01")) | {"applicant": "示例\U000323af和\U0003134a"}
    with pytest.raises(Conflict) as refused:
        setter.pdf(values, AT)
    assert refused.value.code == "character_without_face"
    assert refused.value.extra["characters"] == ["\U0003134a", "\U000323af"]
    assert "U+323AF" in refused.value.zh


def test_text_is_printed_as_it_is_and_never_read_as_markup(setter: Typesetter) -> None:
    hostile = '#panic("x") $1/0$ *不是粗体* = 标题 \\ `code` #image("/etc/passwd") <script>'
    one = source("D16", data={"reason": hostile, "article": "行政许可法38(2)"})
    assert squeezed(hostile) in read(setter.pdf(content(one), AT))


def test_the_same_content_at_the_same_moment_gives_the_same_bytes(setter: Typesetter) -> None:
    values = content(source("D05"))
    assert setter.pdf(values, AT) == setter.pdf(values, AT) == Typesetter(FACES).pdf(values, AT)


def test_a_sample_says_that_it_is_one_and_is_not_sealed(setter: Typesetter) -> None:
    draft = read(setter.pdf(content(source("D05"), draft=True), AT))
    final = read(setter.pdf(content(source("D05")), AT))
    assert "样稿DRAFT" in draft
    assert "盖章处" not in draft
    assert "样稿" not in final
    assert "（盖章处）" in final


@pytest.mark.parametrize("suffix", ["svg", "png"])
def test_the_image_of_a_seal_takes_the_place_of_the_ring(tmp_path: Path, suffix: str) -> None:
    name = tmp_path / f"示例市卫生健康委员会-procedural.{suffix}"
    if suffix == "svg":
        name.write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle cx="4" cy="4" r="4"/></svg>')
    else:
        Image.new("RGB", (40, 40), "red").save(name)
    file = Typesetter(FACES, tmp_path).pdf(content(source("D05")), AT)
    assert "盖章处" not in read(file)


def test_a_long_list_goes_on_to_the_next_page_with_its_head(setter: Typesetter) -> None:
    line = source("D03").data["lines"][0]
    one = source("D03", data={"lines": [{**line, "line": n} for n in range(1, 61)]})
    pages = PdfReader(BytesIO(setter.pdf(content(one), AT))).pages
    assert len(pages) > 2
    assert "存在的问题" in squeezed(pages[1].extract_text())


def pages_of(pdf: bytes) -> list[Image.Image]:
    """Every page as a scanner would see it, at 144 dpi."""
    return [page.render(scale=2).to_pil() for page in PdfDocument(pdf)]


@pytest.mark.parametrize(
    ("one", "said"),
    [
        (source("D05"), "https://yichuang.example.cn/status/7KQ2M9XW4T0B"),
        (source("D18", foreign=True), "https://yichuang.example.cn/status/7KQ2M9XW4T0B"),
        (source("D01", address=""), "7KQ2M9XW4T0B"),
        (slip("D02"), "示政服询〔2026〕1号"),
        (slip("D22"), "示政服委〔2026〕1号"),
        (slip("D26"), "示政服难〔2026〕1号"),
    ],
    ids=described,
)
def test_the_code_on_the_paper_is_read_back_from_its_picture(one: Source | Slip, said: str, setter: Typesetter) -> None:
    for page in pages_of(setter.pdf(content(one), AT)):
        assert [code.text for code in zxingcpp.read_barcodes(page)] == [said]


@pytest.mark.parametrize("code", ["D01", "D18"])
def test_the_code_is_read_as_the_slip_printer_puts_it_down(code: str, setter: Typesetter) -> None:
    said = "https://zwfw.example-city.gov.example.cn/yichuang/status/7KQ2M9XW4T0B/rating"
    page = PdfDocument(setter.pdf(content(source(code, address=said)), AT))[0]
    dots = page.render(scale=203 / 72, grayscale=True).to_pil().point(lambda shade: 255 if shade > 127 else 0)
    (found,) = zxingcpp.read_barcodes(dots)
    assert found.text == said
    side = found.position.top_right.x - found.position.top_left.x
    assert side / 203 * 25.4 > 17  # millimetres; a telephone reads it at arm's length


def test_every_page_of_a_long_notice_has_the_head_of_its_table_and_the_foot(setter: Typesetter) -> None:
    line = source("D03").data["lines"][0]
    one = source("D03", data={"lines": [{**line, "line": n} for n in range(1, 41)]})
    pdf = setter.pdf(content(one), AT)
    texts = [squeezed(page.extract_text()) for page in PdfReader(BytesIO(pdf)).pages]
    assert len(texts) > 2
    for number, text in enumerate(texts, 1):
        assert f"第{number}页共{len(texts)}页" in text
        assert "存在的问题" in text
        assert "办理进度查询" in text
    assert [len(zxingcpp.read_barcodes(page)) for page in pages_of(pdf)] == [1] * len(texts)


@pytest.mark.parametrize("lines", range(1, 16))
def test_no_seal_stands_on_a_page_of_its_own(lines: int, setter: Typesetter) -> None:
    line = source("D03").data["lines"][0]
    one = source("D03", data={"lines": [{**line, "line": n} for n in range(lines)]})
    last = squeezed(PdfReader(BytesIO(setter.pdf(content(one), AT))).pages[-1].extract_text())
    assert "（盖章处）" in last
    assert "逾期未补正的" in last


@pytest.mark.parametrize("code", ["D01", "D05", "D15", "D17", "D18"])
def test_a_name_of_sixty_characters_is_printed_whole_on_one_page(code: str, setter: Typesetter) -> None:
    name = "示例" + "远" * 26 + "𠮷㛃䶮" + "名" * 25 + "有限公司"
    case = {**source(code).case, "applicant": {**source(code).case["applicant"], "name": name}}
    certificate = {**(source(code).certificate or {}), "holder": name}
    pages = PdfReader(BytesIO(setter.pdf(content(source(code, case=case, certificate=certificate)), AT))).pages
    assert len(name) == 60
    assert [name in squeezed(page.extract_text()) for page in pages] == [True]


def test_without_faces_the_message_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        Typesetter(tmp_path).pdf(content(source("D01")), AT)
    assert refused.value.code == "faces_not_installed"
    assert "make up" in refused.value.zh


def test_a_template_that_does_not_compile_is_named(tmp_path: Path) -> None:
    (tmp_path / "layout.typ").write_text((TEMPLATES / "layout.typ").read_text("utf-8"), "utf-8")
    (tmp_path / "D01.typ").write_text('#import "layout.typ": *\n#show: paper\n#nothing_of_this_name', "utf-8")
    with pytest.raises(DefinitionError) as refused:
        Typesetter(FACES, templates=tmp_path).pdf(content(source("D01")), AT)
    assert (refused.value.code, refused.value.extra["template"]) == ("template_wrong", "D01.typ")
    assert "nothing_of_this_name" in refused.value.en


def test_every_kind_is_on_the_contact_sheet(setter: Typesetter) -> None:
    whole = sheet(setter, across=6, ppi=20)
    width, height = whole.size[0] // 6, round(whole.size[0] / 6 * 842 / 595)
    assert len(KINDS) == 28
    for place in range(len(SAMPLES)):
        box = (place % 6 * width, place // 6 * height, (place % 6 + 1) * width, (place // 6 + 1) * height)
        darkest, _ = whole.crop(box).convert("L").getextrema()
        assert darkest < 200, SAMPLES[place].code
